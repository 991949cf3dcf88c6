import Foundation
import Statistics

/// The four tables of docs/alerting.md.
struct Study {
    /// False pages a year of a service whose true error is its whole budget, at whatever traffic.
    static let falsePagesMax = 1.0
    /// Of services as they are, most of which are well within it.
    static let falsePagesOfManyMax = 0.1
    static let rates: [Double] = [1, 10, 100, 10_000]

    let options: Options
    private(set) var broken: [String] = []
    private var random: SeededGenerator

    init(_ options: Options) {
        self.options = options
        random = SeededGenerator(seed: UInt64(options.seed))
    }

    private mutating func require(_ holds: Bool, _ sentence: String) {
        if !holds { broken.append(sentence) }
    }

    private func number(_ value: Double) -> String {
        value == 0
            ? "0" : value < 0.1 ? String(format: "%.3f", value) : String(format: value < 10 ? "%.2f" : "%.0f", value)
    }

    private func row(_ cells: [String]) { print("| " + cells.joined(separator: " | ") + " |") }

    private func head(_ title: String, _ cells: [String]) {
        print("\n\(title)\n")
        row(cells)
        print("|" + String(repeating: "---|", count: cells.count))
    }

    // MARK: Quiet

    /// Alerts that a service opens which fails just as often as it may.
    mutating func quiet() {
        head(
            "False pages / tickets a year, true error = budget (\(options.years) service-years each)",
            ["requests an hour"] + Guard.allCases.map(\.name))
        for rate in Study.rates {
            var counts = Guard.allCases.map { _ in (pages: 0, tickets: 0) }
            for _ in 0..<options.years {
                var stream = random.split()
                let judge = Judge(
                    Series(
                        minutes: 365 * 1440, random: &stream, rate: { _ in rate / 60 }, errors: { _ in Judge.budget }))
                for (place, guarding) in Guard.allCases.enumerated() {
                    for incident in judge.incidents(guarding) {
                        if incident.isPage { counts[place].pages += 1 } else { counts[place].tickets += 1 }
                    }
                }
            }
            let years = Double(options.years)
            row(
                [String(format: "%.0f", rate)]
                    + counts.map { "\(number(Double($0.pages) / years)) / \(number(Double($0.tickets) / years))" })
            require(
                Double(counts[0].pages) <= max(1, Study.falsePagesMax * years),
                "\(counts[0].pages) false pages in \(options.years) years at \(Int(rate)) an hour")
        }
    }

    // MARK: Outages

    /// Minutes from the beginning of an outage to its page, behind three healthy days.
    mutating func outages() {
        head(
            "Minutes to the page: median / 95 of 100, or how many of 100 outages of six hours never page",
            ["requests an hour", "failing"] + Guard.allCases.map(\.name))
        let (history, length) = (3 * 1440, 360)
        for rate in Study.rates {
            for share in [1, 0.2, 0.05] {
                var delays: [[Int]] = Guard.allCases.map { _ in [] }
                for _ in 0..<options.trials {
                    var stream = random.split()
                    let judge = Judge(
                        Series(
                            minutes: history + length, random: &stream, rate: { _ in rate / 60 },
                            errors: { $0 < history ? Judge.budget / 10 : share }))
                    for (place, guarding) in Guard.allCases.enumerated() {
                        let page = judge.incidents(guarding, from: history).first(where: \.isPage)
                        delays[place].append(page.map { $0.opened - history } ?? .max)
                    }
                }
                row(
                    [String(format: "%.0f", rate), String(format: "%.0f %%", share * 100)]
                        + delays.map { delays in
                            let sorted = delays.sorted()
                            func quantile(_ part: Double) -> String {
                                let delay = sorted[Int(part * Double(sorted.count - 1))]
                                return delay == .max ? "–" : "\(delay)"
                            }
                            let missed = sorted.count { $0 == .max }
                            return "\(quantile(0.5)) / \(quantile(0.95))"
                                + (missed > 0
                                    ? ", \(Int((100 * Double(missed) / Double(sorted.count)).rounded())) never" : "")
                        })
            }
        }
    }

    // MARK: One outage

    /// An hour in which everything fails, in five days of health.
    mutating func anHour() {
        head(
            "An hour in which everything fails, \(options.trials) times: incidents, and minutes from its end to the page's",
            ["requests an hour", "pages", "tickets", "resolved after (least / median / most)"])
        let (history, length) = (4 * 1440, 60)
        for rate in Study.rates {
            var (pages, tickets): ([Int], [Int]) = ([], [])
            var ends: [Int] = []
            for _ in 0..<options.trials {
                var stream = random.split()
                let judge = Judge(
                    Series(
                        minutes: history + length + 4 * 1440, random: &stream, rate: { _ in rate / 60 },
                        errors: { (history..<history + length).contains($0) ? 1 : Judge.budget / 10 }))
                let incidents = judge.incidents(.exact, from: history)
                pages.append(incidents.count(where: \.isPage))
                tickets.append(incidents.count { !$0.isPage })
                for page in incidents where page.isPage { ends.append((page.resolved ?? .max) - history - length) }
            }
            func spread(_ counts: [Int]) -> String {
                Set(counts).sorted().map { count in "\(counts.count { $0 == count }) × \(count)" }.joined(
                    separator: ", ")
            }
            ends.sort()
            row([
                String(format: "%.0f", rate), spread(pages), spread(tickets),
                ends.isEmpty ? "–" : "\(ends[0]) / \(ends[ends.count / 2]) / \(ends[ends.count - 1])",
            ])
            let name = "at \(Int(rate)) an hour"
            if rate >= 100 {
                require(pages.allSatisfy { $0 == 1 }, "one page for one outage \(name): \(spread(pages))")
            }
            // Of some ten requests, all failing, there are now and then too few at once.
            if rate >= 10 {
                require(pages.count { $0 == 0 } * 50 <= pages.count, "no page is rare \(name): \(spread(pages))")
            }
            require(pages.allSatisfy { $0 <= 1 }, "at most one page for one outage \(name): \(spread(pages))")
            require(tickets.allSatisfy { $0 <= 1 }, "at most one ticket for one outage \(name): \(spread(tickets))")
            require(ends.allSatisfy { $0 > 0 && $0 < 100_000 }, "the page ends behind the outage \(name)")
        }
    }

    // MARK: A year

    private struct Account {
        var pages = 0
        var falsePages = 0
        var repeated = 0
        var found = 0
        var tickets = 0
        var delays: [Int] = []
    }

    /// A year of generated services, each with its own troubles.
    mutating func year() {
        let days = 365
        var accounts = Guard.allCases.map { _ in Account() }
        var (troubles, grave) = (0, 0)
        for _ in 0..<options.services {
            var stream = random.split()
            let service = GeneratedService(days: days, budget: Judge.budget, random: &stream)
            let judge = Judge(service.series(days: days, random: &stream))
            troubles += service.outages.count
            // What the page's slow condition is meant for: a twentieth of a month's budget.
            let isGrave = service.outages.map { outage in
                outage.errors * Double(outage.minutes.count) > 0.05 * Judge.budget * 30 * 1440
            }
            grave += isGrave.count { $0 }
            for (place, guarding) in Guard.allCases.enumerated() {
                let incidents = judge.incidents(guarding)
                accounts[place].tickets += incidents.count { !$0.isPage }
                var paged = service.outages.map { _ in 0 }
                for page in incidents where page.isPage {
                    accounts[place].pages += 1
                    // An outage is in the longest look-back of a page for six hours after its end.
                    let cause = service.outages.firstIndex {
                        ($0.minutes.lowerBound + 1...$0.minutes.upperBound + 360).contains(page.opened)
                    }
                    guard let cause else {
                        accounts[place].falsePages += 1
                        continue
                    }
                    paged[cause] += 1
                    if paged[cause] > 1 {
                        accounts[place].repeated += 1
                    } else {
                        accounts[place].delays.append(page.opened - service.outages[cause].minutes.lowerBound)
                        if isGrave[cause] { accounts[place].found += 1 }
                    }
                }
            }
        }
        head(
            "A year of \(options.services) services, \(troubles) troubles, of which \(grave) cost more than 5 % of a month's budget",
            [
                "", "pages", "for no trouble", "more than one for a trouble", "of the \(grave)", "minutes (median)",
                "tickets",
            ])
        for (guarding, account) in zip(Guard.allCases, accounts) {
            let delays = account.delays.sorted()
            row([
                guarding.name, "\(account.pages)", "\(account.falsePages)", "\(account.repeated)", "\(account.found)",
                delays.isEmpty ? "–" : "\(delays[delays.count / 2])", "\(account.tickets)",
            ])
        }
        require(
            Double(accounts[0].falsePages) <= max(1, Study.falsePagesOfManyMax * Double(options.services)),
            "\(accounts[0].falsePages) pages for no trouble in a year of \(options.services) services")
    }
}
