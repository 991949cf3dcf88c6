extension RawSpan {
    /// The byte at `offset`; one outside is our own bug and traps.
    @inlinable @inline(__always)
    public func byte(_ offset: Int) -> UInt8 {
        // Any bytes are a valid integer, and the load checks its bounds.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
