/// Lists of different lengths, one after the other in one array.
@frozen
public struct JaggedArray<Element> {
    public private(set) var elements: [Element] = []
    /// Where each list begins, and the end of the last.
    @usableFromInline private(set) var firsts: [Int32] = [0]

    public init() {}

    public mutating func append(list: some Sequence<Element>) {
        elements += list
        firsts.append(Int32(elements.count))
    }

    public mutating func append(lists other: JaggedArray<Element>) {
        for list in 0..<other.count { append(list: other[list]) }
    }

    /// Lists of the same lengths.
    public func map<Other>(_ transform: (Element) -> Other) -> JaggedArray<Other> {
        JaggedArray<Other>(elements: elements.map(transform), firsts: firsts)
    }

    private init(elements: [Element], firsts: [Int32]) {
        self.elements = elements
        self.firsts = firsts
    }

    /// How many lists there are.
    public var count: Int { firsts.count - 1 }

    /// The places of a list in `elements`.
    @inlinable @inline(__always)
    public func places(of list: Int) -> Range<Int> { Int(firsts[list])..<Int(firsts[list &+ 1]) }

    public subscript(list: Int) -> ArraySlice<Element> { elements[places(of: list)] }
}

extension JaggedArray: Sendable where Element: Sendable {}
