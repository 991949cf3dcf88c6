import JSON
import TelemetryModel

extension OTLPDecoder {
    /// Fills the row begun with a point's fields.
    mutating func fillRow(
        _ point: OTLPPoint, at range: Range<Int>, time: Timestamp, metric: inout OTLPMetric, scope: inout OTLPScope,
        in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) throws(MetricFault) {
        let kind = metric.kind ?? .number
        var key = SeriesKey()
        let cloudWatch = try readAttributes(of: range, kind: kind, metric: metric, in: message, &key)
        rows.set(rows.slots.accountID, try fieldValue(scope.resource.accountID, in: message))
        rows.set(rows.slots.region, try fieldValue(scope.resource.region, in: message))
        rows.set(rows.slots.timestamp, .integer(time.milliseconds))
        if let cloudWatch {
            rows.set(rows.slots.namespace, text: cloudWatch.namespace)
            rows.set(rows.slots.metricName, text: cloudWatch.name)
            try setCloudWatchUnit(of: &metric, in: message)
            try setDimensions(from: cloudWatch.dimensions, field: 1, in: message)
        } else {
            try setNamespace(of: &scope, in: message)
            rows.set(rows.slots.metricName, text: metric.name)
            if !metric.unit.isEmpty { rows.set(rows.slots.unit, text: metric.unit) }
            try setDimensions(from: range, field: kind.attributesField, in: message)
        }
        // Before the amounts, because after them nothing may fail; a summary's minimum and maximum are among its quantiles.
        let extremes = kind == .summary ? try setQuantiles(of: range, in: message) : (point.min, point.max)
        let amounts = MetricAmounts(sum: point.sum, count: point.count, min: extremes.0, max: extremes.1)
        if cloudWatch != nil { return rows.set(amounts) }
        rows.set(kind: metric.kindName)
        if metric.temporality == 1 { rows.set(isCumulative: false) }
        guard isCumulative(metric, in: message) else { return rows.set(amounts) }
        rows.set(isCumulative: true)
        if let start = point.start { rows.set(rows.slots.startTimestamp, .integer(start.milliseconds)) }
        key.add(scope.key)
        key.add(.metric, metric.name, of: message)
        key.add(.unit, metric.unit, of: message)
        key.add(.metric, UInt64(metric.pointsField))
        rows.set(
            amounts,
            of: CumulativePoint(
                key: key, start: point.start, time: time, sum: point.sum, count: kind == .number ? nil : point.count,
                isMonotonic: metric.isMonotonic || metric.isGauge),
            named: metric.name, in: message, to: &consumer)
    }

    /// Whether a metric that is not CloudWatch's counts since a start. Summaries do (they are Prometheus's), and a gauge does
    /// when it is declared a counter.
    private func isCumulative(_ metric: OTLPMetric, in message: RawSpan) -> Bool {
        metric.temporality == 2 || metric.kind == .summary
            || (metric.temporality == 0 && rows.isDeclaredCounter(metric.name, in: message))
    }

    /// A scalar of the resource. Larger values are no account and no region, and are left out.
    private mutating func fieldValue(_ value: OTLPValue, in message: RawSpan) throws(MetricFault) -> FieldValue {
        switch value {
        case .text(let range): return .text(offset: range.lowerBound, length: range.count)
        case .bool, .integer, .double: return try composedText(value, in: message)
        case .none, .bytes, .array, .list: return .absent
        }
    }

    private mutating func composedText(_ value: OTLPValue, in message: RawSpan) throws(MetricFault) -> FieldValue {
        rows.scratch.removeAll(keepingCapacity: true)
        try value.appendText(of: message, to: &rows.scratch)
        return try rows.takeScratch(as: .arenaText, for: "an attribute", at: 0)
    }

    private mutating func setNamespace(of scope: inout OTLPScope, in message: RawSpan) throws(MetricFault) {
        guard let slot = rows.slots.namespace else { return }
        let (space, name) = (scope.resource.serviceNamespace, scope.resource.serviceName)
        if !space.isEmpty, !name.isEmpty {
            if let value = scope.serviceText.value(generation: rows.generation) {
                rows.set(slot, value)
                return
            }
            rows.scratch.removeAll(keepingCapacity: true)
            try OTLPValue.text(space).appendText(of: message, to: &rows.scratch)
            rows.scratch.append(UInt8(ascii: "/"))
            try OTLPValue.text(name).appendText(of: message, to: &rows.scratch)
            let value = try rows.takeScratch(as: .arenaText, for: "the service's name", at: space.lowerBound)
            scope.serviceText.keep(value, generation: rows.generation)
            rows.set(slot, value)
            return
        }
        let text = !name.isEmpty ? name : !space.isEmpty ? space : scope.name
        if !text.isEmpty { rows.set(slot, text: text) }
    }

    private mutating func setCloudWatchUnit(of metric: inout OTLPMetric, in message: RawSpan) throws(MetricFault) {
        guard let slot = rows.slots.unit, !metric.unit.isEmpty else { return }
        if let value = metric.unitText.value(generation: rows.generation) {
            rows.set(slot, value)
            return
        }
        rows.scratch.removeAll(keepingCapacity: true)
        guard CloudWatchUnit.appendName(of: metric.unit, in: message, to: &rows.scratch) else {
            rows.set(slot, text: metric.unit)
            return
        }
        let value = try rows.takeScratch(as: .arenaText, for: "the unit", at: metric.unit.lowerBound)
        metric.unitText.keep(value, generation: rows.generation)
        rows.set(slot, value)
    }

    // MARK: Attributes

    private struct CloudWatchPoint {
        var namespace: Range<Int>
        var name: Range<Int>
        /// A `KeyValueList`, empty when the metric has no dimensions.
        var dimensions: Range<Int>
    }

    /// Checks all attributes of a point; what they say when CloudWatch made it.
    private func readAttributes(
        of range: Range<Int>, kind: OTLPPointKind, metric: OTLPMetric, in message: RawSpan, _ key: inout SeriesKey
    ) throws(MetricFault) -> CloudWatchPoint? {
        let isKeyed = rows.options.cumulative == .differences && metric.temporality != 1
        var namespace: Range<Int>?
        var name: Range<Int>?
        var dimensions = range.lowerBound..<range.lowerBound
        var reader = ProtobufReader(message, range)
        while let field = try reader.next() {
            guard field.number == kind.attributesField else {
                // Field 1 held the labels until OTLP 0.8; without them the point would lose its dimensions in silence.
                if field.number == 1 {
                    throw MetricFault(.unsupported, "labels of OTLP 0.7: choose OpenTelemetry 1.0", at: field.offset)
                }
                continue
            }
            let attribute = try OTLPAttribute(field.bytes(), in: message, nestingMax: nestingMax)
            if isKeyed { key.add(.attribute, field.contents, of: message) }
            guard metric.mayBeFromCloudWatch else { continue }
            switch attribute.value {
            case .text(let value) where message.isEqual(attribute.key, "Namespace"): namespace = value
            case .text(let value) where message.isEqual(attribute.key, "MetricName"): name = value
            case .list(let value) where message.isEqual(attribute.key, "Dimensions"): dimensions = value
            default: break
            }
        }
        guard let namespace, let name else { return nil }
        return CloudWatchPoint(namespace: namespace, name: name, dimensions: dimensions)
    }

    /// Sets the dimensions from the `KeyValue`s in a message's field; their values were checked before.
    private mutating func setDimensions(
        from range: Range<Int>, field number: Int, in message: RawSpan
    ) throws(MetricFault) {
        if !rows.slots.namedDimensions.isEmpty {
            var reader = ProtobufReader(message, range)
            while let field = try reader.next() {
                guard field.number == number else { continue }
                let attribute = try OTLPAttribute(field.contents, in: message, nestingMax: nil)
                for named in rows.slots.namedDimensions where message.isEqual(attribute.key, named.name) {
                    if case .text(let text) = attribute.value {
                        rows.set(named.slot, text: text)
                    } else {
                        rows.set(named.slot, try composedText(attribute.value, in: message))
                    }
                }
            }
        }
        guard let slot = rows.slots.dimensions else { return }
        rows.scratch.removeAll(keepingCapacity: true)
        rows.scratch.append(0x7B)
        var reader = ProtobufReader(message, range)
        while let field = try reader.next() {
            guard field.number == number else { continue }
            let attribute = try OTLPAttribute(field.contents, in: message, nestingMax: nil)
            if rows.scratch.count > 1 { rows.scratch.append(0x2C) }
            JSONWriter.append(string: message.extracting(attribute.key), to: &rows.scratch)
            rows.scratch.append(0x3A)
            if case .text(let text) = attribute.value {
                JSONWriter.append(string: message.extracting(text), to: &rows.scratch)
            } else {
                var text: [UInt8] = []
                try attribute.value.appendText(of: message, to: &text)
                JSONWriter.append(string: text, to: &rows.scratch)
            }
        }
        rows.scratch.append(0x7D)
        rows.set(slot, try rows.takeScratch(as: .arenaJSON, for: "the dimensions", at: range.lowerBound))
    }

    // MARK: Quantiles

    /// Sets what a summary's quantiles say: 0 is the minimum and 1 the maximum, which are returned, and all others are
    /// percentiles.
    private mutating func setQuantiles(
        of range: Range<Int>, in message: RawSpan
    ) throws(MetricFault) -> (min: Double?, max: Double?) {
        var extremes: (min: Double?, max: Double?) = (nil, nil)
        rows.scratch.removeAll(keepingCapacity: true)
        var reader = ProtobufReader(message, range)
        while let field = try reader.next() {
            guard field.number == 6 else { continue }
            let quantile = try OTLPQuantile(field.bytes(), in: message)
            guard quantile.hasValue else { continue }
            if quantile.quantile == 0 {
                extremes.min = quantile.value
                continue
            }
            if quantile.quantile == 1 {
                extremes.max = quantile.value
                continue
            }
            if rows.slots.quantiles == nil, rows.slots.namedQuantiles.isEmpty { continue }
            percentile.removeAll(keepingCapacity: true)
            quantile.appendName(to: &percentile)
            for named in rows.slots.namedQuantiles where named.name == percentile {
                rows.set(named.slot, .double(quantile.value))
            }
            rows.scratch.append(rows.scratch.isEmpty ? 0x7B : 0x2C)
            JSONWriter.append(string: percentile, to: &rows.scratch)
            rows.scratch.append(0x3A)
            DoubleText.append(quantile.value, to: &rows.scratch)
        }
        guard let slot = rows.slots.quantiles, !rows.scratch.isEmpty else { return extremes }
        rows.scratch.append(0x7D)
        rows.set(slot, try rows.takeScratch(as: .arenaJSON, for: "the quantiles", at: range.lowerBound))
        return extremes
    }
}

extension Timestamp {
    /// Whole milliseconds since the epoch, rounded down.
    var milliseconds: Int64 {
        let quotient = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }
}
