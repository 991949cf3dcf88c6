import ArgumentParser
import Objectives
import Text

/// The groups of SLOs that `--group field=value` asks for.
struct GroupSelection {
    /// One of them; a group has to have all.
    struct Term {
        let field: String
        /// Empty for a group whose records don't have the field.
        let value: String

        init(argument: String) throws {
            guard let place = argument.firstIndex(of: "="), place > argument.startIndex else {
                throw ValidationError(
                    "'\(argument)' is no group; write a field and its value, such as dimensions.tenant=acme")
            }
            field = String(argument[..<place])
            value = String(argument[argument.index(after: place)...])
        }

        /// A field may be called by its last part.
        func names(_ column: String) -> Bool { column == field || column.hasSuffix(".\(field)") }

        func isMet(by group: ObjectiveGroup) -> Bool {
            zip(group.columns, group.values).contains { names($0) && ($1 ?? "") == value }
        }
    }

    let terms: [Term]

    /// - Throws: where there is none, which is what there is.
    func selected(_ ledgers: [ObjectiveLedger]) throws -> [ObjectiveLedger] {
        let columns = Set(ledgers.flatMap { $0.terms.group?.columns ?? [] })
        for term in terms where !columns.contains(where: term.names) {
            throw CommandFailure(
                .misused,
                columns.isEmpty
                    ? "no SLO here has groups"
                    : "no SLO here has groups by '\(term.field)'; there are \(columns.sorted().joined(separator: ", "))"
            )
        }
        let groups = ledgers.filter { ledger in
            ledger.terms.group.map { group in terms.allSatisfy { $0.isMet(by: group) } } ?? false
        }
        if groups.isEmpty { throw CommandFailure(.misused, "no group has \(asked); \(known(ledgers))") }
        // What says since when the whole is read.
        let names = Set(groups.map(\.terms.name))
        return ledgers.filter { $0.terms.group == nil && names.contains($0.terms.name) } + groups
    }

    private var asked: String { terms.map { "\($0.field)=\($0.value)" }.joined(separator: " and ") }

    /// The nearest value of the last field that was asked for; of thousands nobody reads all.
    private func known(_ ledgers: [ObjectiveLedger]) -> String {
        guard let term = terms.last else { return "" }
        let values = Set(
            ledgers.compactMap(\.terms.group).flatMap { group in
                zip(group.columns, group.values).compactMap { term.names($0) ? $1 ?? "" : nil }
            }
        ).sorted()
        if let guess = EditDistance.nearest(to: term.value, among: values) {
            return "did you mean \(term.field)=\(guess)?"
        }
        let shown = values.prefix(10).joined(separator: ", ")
        return "of \(term.field) there are \(shown)" + (values.count > 10 ? " and \(values.count - 10) more" : "")
    }
}
