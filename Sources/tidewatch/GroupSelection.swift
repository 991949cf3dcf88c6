import ArgumentParser
import Objectives
import TelemetryModel
import Text

/// The groups of SLOs that `--group field=value` asks for: those that have one of the values of each field that is named.
struct GroupSelection {
    /// One of them, as it was given.
    struct Term {
        let text: String

        init(argument: String) throws {
            guard argument.contains("="), !argument.hasPrefix("=") else {
                throw ValidationError(
                    "'\(argument)' is no group; write a field and its value, such as dimensions.tenant=acme")
            }
            text = argument
        }

        /// A field and its value. Either may have an equals sign: the first one in front of which a column's name stands is it.
        func split(_ columns: Set<String>) -> (column: String, value: String)? {
            for place in text.indices where text[place] == "=" {
                let field = String(text[..<place])
                let value = String(text[text.index(after: place)...])
                let path = FieldPath.parse(field)?.description ?? field
                // A field may be called by its last part.
                let matching = columns.filter { $0 == path || $0.hasSuffix(".\(path)") }.sorted()
                if let column = matching.first(where: { $0 == path }) ?? matching.first { return (column, value) }
            }
            return nil
        }
    }

    let terms: [Term]

    /// - Throws: where there is none, which is what there is.
    func selected(_ ledgers: [ObjectiveLedger]) throws -> [ObjectiveLedger] {
        let columns = Set(ledgers.flatMap { $0.terms.group?.columns ?? [] })
        var wanted: [String: Set<String>] = [:]
        for term in terms {
            guard let (column, value) = term.split(columns) else {
                throw CommandFailure(
                    .misused,
                    columns.isEmpty
                        ? "no SLO here has groups"
                        : "no SLO here has the groups '\(term.text)' is of; they are by \(columns.sorted().joined(separator: ", "))"
                )
            }
            wanted[column, default: []].insert(value)
        }
        let groups = ledgers.filter { ledger in
            guard let group = ledger.terms.group else { return false }
            return wanted.allSatisfy { column, values in
                // Empty is also a group whose records don't have the field.
                group[column].map { values.contains($0 ?? "") } ?? false
            }
        }
        if groups.isEmpty {
            let asked = terms.map(\.text).joined(separator: " and ")
            throw CommandFailure(.misused, "no group has \(asked); \(known(ledgers, wanted))")
        }
        // What says since when the whole is read.
        let names = Set(groups.map(\.terms.name))
        return ledgers.filter { $0.terms.group == nil && names.contains($0.terms.name) } + groups
    }

    /// The nearest of the values that there are; of thousands nobody reads all.
    private func known(_ ledgers: [ObjectiveLedger], _ wanted: [String: Set<String>]) -> String {
        for (column, asked) in wanted.sorted(by: { $0.key < $1.key }) {
            let groups = ledgers.compactMap(\.terms.group)
            let values = Set(groups.compactMap { group in group[column].map { $0 ?? "" } }).sorted()
            guard let missing = asked.sorted().first(where: { !values.contains($0) }) else { continue }
            if let guess = EditDistance.nearest(to: missing, among: values) {
                return "did you mean \(column)=\(guess)?"
            }
            let shown = values.prefix(10).joined(separator: ", ")
            return "of \(column) there are \(shown)" + (values.count > 10 ? " and \(values.count - 10) more" : "")
        }
        return "each is there, and not together"
    }
}
