// How often alerts are wrong, and how late they are right: the default page and ticket of an SLO of 99.9 % over 30 days, beside the same burn
// rates with other guards against too little data. Seeded: the same seed gives the same tables.
//
//   tidewatch-alerting-study [--seed 1] [--years 5] [--trials 100] [--services 100]
//
// Status 1 when what docs/alerting.md promises does not hold.

import Foundation
import Statistics

struct Options {
    var seed = 1
    /// Service-years of quiet for each rate.
    var years = 5
    /// Outages for each row.
    var trials = 100
    var services = 100

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let number = rest.popFirst().flatMap({ Int($0) }), (1...100_000).contains(number) else { return nil }
            switch name {
            case "--seed": seed = number
            case "--years": years = number
            case "--trials": trials = number
            case "--services": services = number
            default: return nil
            }
        }
    }
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: tidewatch-alerting-study [--seed N] [--years N] [--trials N] [--services N]")
    exit(2)
}
print("seed \(options.seed)")
var study = Study(options)
study.quiet()
study.outages()
study.anHour()
study.year()
for broken in study.broken { print("not as documented: \(broken)") }
exit(study.broken.isEmpty ? 0 : 1)
