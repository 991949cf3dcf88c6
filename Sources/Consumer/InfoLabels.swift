/// The labels of a resource as labels of a metric, as kube-state-metrics shows those of a Kubernetes object.
enum InfoLabels {
    /// `team` becomes `label_team`, and whatever a metric's label can't hold an underscore. Labels whose names become the same are
    /// numbered: `label_a_b_conflict1`, `label_a_b_conflict2`, in the order of their own names.
    static func labels(of labels: [String: String]) -> [(String, String)] {
        let named = labels.sorted { $0.key < $1.key }.map { (name: name(of: $0.key), value: $0.value) }
        let counts = Dictionary(grouping: named, by: \.name).mapValues(\.count)
        var numbers: [String: Int] = [:]
        return named.map { label in
            if counts[label.name] == 1 { return (label.name, label.value) }
            numbers[label.name, default: 0] += 1
            return ("\(label.name)_conflict\(numbers[label.name] ?? 0)", label.value)
        }
    }

    private static func name(of label: String) -> String {
        "label_"
            + String(
                String.UnicodeScalarView(
                    label.unicodeScalars.map { scalar in
                        switch scalar {
                        case "a"..."z", "A"..."Z", "0"..."9", "_": scalar
                        default: "_"
                        }
                    }))
    }
}
