import JSON
import Statistics
import TelemetryModel

extension RollupChange {
    /// The same as several cells of the group that add up to it, for a record that has less room than the cell needs: exact sets
    /// of many values, or many sketches.
    ///
    /// - Parameter bytesMax: of the measures of a piece, as JSON. A single value or sketch may be larger: a value has at most
    ///   a kilobyte, a sketch some fifty.
    public func pieces(bytesMax: Int) -> [RollupChange] {
        let nothing = RollupChange(windowStart: windowStart, group: group, measures: measures.map(\.ofNothing))
        var pieces: [RollupChange] = []
        var piece = nothing
        var room = bytesMax
        for (index, measure) in measures.enumerated() {
            for part in measure.parts(bytesMax: bytesMax) {
                let size = part.jsonByteCount
                if piece.measures[index] != nothing.measures[index] || (size > room && piece != nothing) {
                    pieces.append(piece)
                    piece = nothing
                    room = bytesMax
                }
                piece.measures[index] = part
                room -= size
            }
        }
        return pieces + [piece]
    }

    public var jsonByteCount: Int {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes.count
    }
}

extension MeasureState {
    /// What adds nothing.
    fileprivate var ofNothing: MeasureState {
        switch self {
        case .count: .count(0)
        case .sum: .sum(nil)
        case .extremum: .extremum(nil)
        case .distinct: .distinct(.exact([]))
        case .quantile: .quantile(QuantileSketch())
        }
    }

    fileprivate var jsonByteCount: Int {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes.count
    }

    /// Sets in pieces; everything else is one.
    fileprivate func parts(bytesMax: Int) -> [MeasureState] {
        guard case .distinct(.exact(let values)) = self else { return [self] }
        var parts: [MeasureState] = []
        var first = 0
        var room = bytesMax
        for (place, value) in values.enumerated() {
            // An escape has six bytes for one.
            let size = value.reduce(3) { $0 + ($1 < 0x20 ? 6 : 2) }
            if size > room, place > first {
                parts.append(.distinct(.exact(Array(values[first..<place]))))
                first = place
                room = bytesMax
            }
            room -= size
        }
        return parts + [.distinct(.exact(Array(values[first...])))]
    }
}
