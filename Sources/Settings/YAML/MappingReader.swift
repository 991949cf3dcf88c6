import TelemetryModel
import Text

/// Reads the keys of one mapping, each under its name, and reports those that nobody asked for.
///
/// `finish()` must be called once every key that the mapping may have was asked for: the names asked for are the names
/// known, and what a suggestion chooses from.
package final class MappingReader {
    package let node: NodeReader
    private let entries: [YAMLEntry]
    private var known: [String] = []

    init(_ node: NodeReader, _ entries: [YAMLEntry]) {
        self.node = node
        self.entries = entries
    }

    /// The value under `key`; `nil` when the key is missing or its value is empty.
    package func optional(_ key: String) -> NodeReader? {
        guard let reader = present(key), !reader.node.isNull else { return nil }
        return reader
    }

    /// The value under `key`, also an empty one; `nil` when the key is missing.
    func present(_ key: String) -> NodeReader? {
        known.append(key)
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        return reader(of: entry)
    }

    /// The value under `key`; a missing or empty one is reported, with `example` as what to write.
    package func required(_ key: String, example: String) -> NodeReader? {
        guard let reader = present(key) else {
            // A near miss is reported as an unknown key already, and one mistake is one problem.
            if nearMiss(of: key) == nil {
                node.report("\"\(key)\" is missing", "add \"\(key): \(example)\"")
            } else {
                missedByTypo.append(key)
            }
            return nil
        }
        guard !reader.node.isNull else {
            reader.report("\"\(key)\" is empty", "write \"\(key): \(example)\"")
            return nil
        }
        return reader
    }

    /// Whether the key is there with a value.
    package func has(_ key: String) -> Bool {
        entries.contains { $0.key == key && !$0.value.isNull }
    }

    /// OpenSLO's `description`: text of at most 1050 characters.
    @discardableResult
    func readDescription() -> String? {
        guard let reader = optional("description"), let text = reader.string() else { return nil }
        if text.count > 1050 {
            reader.report("the description has \(text.count) characters", "shorten it to at most 1050")
        }
        return text
    }

    /// Marks keys as known that this version has no use for.
    func ignore(_ keys: String...) {
        known += keys
    }

    /// Reports a key that means something which this version does not do.
    func unsupported(_ key: String, _ message: String, _ suggestion: String) {
        guard let reader = optional(key) else { return }
        reader.report(message, suggestion)
    }

    /// Every key with its value, for mappings whose keys are the user's own. All count as known.
    func all() -> [(key: String, value: NodeReader)] {
        entries.map { entry in
            known.append(entry.key)
            return (entry.key, reader(of: entry))
        }
    }

    /// Reports every key that nobody asked for.
    package func finish() {
        let candidates = known.filter { name in !entries.contains { $0.key == name } }
        for entry in entries where !known.contains(entry.key) && !node.log.isFull {
            let key = YAMLNode.shortened(entry.key)
            let suggestion =
                EditDistance.nearest(to: entry.key, among: candidates).map { "did you mean \"\($0)\"?" }
                ?? (known.isEmpty ? "remove it" : "remove it, or use one of: \(known.joined(separator: ", "))")
            node.log.report(
                file: node.file, mark: entry.keyMark, path: path(of: entry.key), message: "unknown key \"\(key)\"",
                suggestion: suggestion)
        }
        // A key taken for another's misspelling may turn out to be a known key of its own.
        for key in missedByTypo where nearMiss(of: key) == nil {
            node.report("\"\(key)\" is missing", "add it")
        }
    }

    private var missedByTypo: [String] = []

    /// The unknown key that was most likely meant to be `key`.
    private func nearMiss(of key: String) -> String? {
        entries.first { entry in
            !known.contains(entry.key) && EditDistance.nearest(to: entry.key, among: [key]) != nil
        }?.key
    }

    private func reader(of entry: YAMLEntry) -> NodeReader {
        NodeReader(
            node: entry.value, path: path(of: entry.key), file: node.file, log: node.log,
            environment: node.environment)
    }

    private func path(of key: String) -> String {
        let shown = YAMLNode.shortened(key)
        return node.path.isEmpty ? shown : "\(node.path).\(shown)"
    }
}
