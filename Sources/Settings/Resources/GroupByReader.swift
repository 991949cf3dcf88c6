import Aggregation
import Objectives
import TelemetryModel

/// Reads `groupBy` and `groupsMax`, of rollups and of SLOs' metric sources.
enum GroupByReader {
    static let groupsMaxRange = 1...10_000_000

    /// The fields; `nil` when something is wrong with them.
    ///
    /// - Parameters:
    ///   - what: has the groups, as `the rollup`.
    ///   - columnsMax: how many there may be, for the sake of the records that name a group.
    static func read(_ reader: NodeReader, in source: EventKind, of what: String, columnsMax: Int) -> [FieldPath]? {
        guard let elements = reader.list() else { return nil }
        if elements.count > columnsMax {
            reader.report(
                "\(what) groups by \(elements.count) fields, and may by \(columnsMax)",
                "remove some, or make several \(what == "the rollup" ? "rollups" : "SLOs")")
            return nil
        }
        var paths: [FieldPath] = []
        var seen: Set<FieldPath> = []
        var isValid = true
        for element in elements {
            guard let path = ExpressionCheck.path(element, in: source) else {
                isValid = false
                continue
            }
            if !seen.insert(path).inserted {
                element.report("\(what) groups by \"\(path)\" twice", "remove one of them")
                isValid = false
            }
            paths.append(path)
        }
        return isValid ? paths : nil
    }

    /// As above, of a metric source; none where there is no such key.
    static func groups(of spec: MappingReader, in source: EventKind) -> Groups? {
        let groupReader = spec.optional("groupBy")
        let maxReader = spec.optional("groupsMax")
        var groups = Groups()
        if let groupReader {
            guard
                let paths = read(
                    groupReader, in: source, of: "the metric source", columnsMax: ServiceLevelObjective.groupColumnsMax)
            else { return nil }
            if paths.isEmpty {
                groupReader.report("\"groupBy\" is empty", "name a field, or remove the key")
                return nil
            }
            // An alert of a group has its fields beside these labels.
            for path in paths where ["objective", "service", "alert"].contains(path.description) {
                groupReader.report("an SLO can't have groups by \"\(path)\"", "group by another field")
                return nil
            }
            groups.paths = paths
        }
        if let maxReader {
            guard let groupsMax = maxReader.integer(in: groupsMaxRange) else { return nil }
            if groups.paths.isEmpty {
                maxReader.report("\"groupsMax\" without \"groupBy\"", "add \"groupBy:\" with the fields, or remove it")
                return nil
            }
            groups.groupsMax = groupsMax
        }
        return groups
    }

    struct Groups {
        var paths: [FieldPath] = []
        var groupsMax: Int?
    }
}
