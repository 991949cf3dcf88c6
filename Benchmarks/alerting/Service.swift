import Foundation
import Statistics

/// A generated service, minute by minute: how many requests came, and how many of them failed.
struct Series {
    var total: [Int32]
    var bad: [Int32]

    var minutes: Int { total.count }

    /// Requests come at random (Poisson), and fail at random.
    ///
    /// - Parameters:
    ///   - rate: requests a minute, by minute.
    ///   - errors: the true share of failures, by minute.
    init(minutes: Int, random: inout SeededGenerator, rate: (Int) -> Double, errors: (Int) -> Double) {
        total = []
        bad = []
        total.reserveCapacity(minutes)
        bad.reserveCapacity(minutes)
        for minute in 0..<minutes {
            let (rate, errors) = (rate(minute), errors(minute))
            // Thinned, so that good and bad ones are independent.
            let failed = random.poisson(rate * errors)
            bad.append(Int32(failed))
            total.append(Int32(failed + random.poisson(rate * (1 - errors))))
        }
    }
}

extension SeededGenerator {
    /// By inversion; `mean` is below 700.
    mutating func poisson(_ mean: Double) -> Int {
        if mean <= 0 { return 0 }
        var (probability, value) = (exp(-mean), 0)
        var rest = unit() - probability
        while rest > 0 {
            value += 1
            probability *= mean / Double(value)
            if probability < 1e-300 { break }
            rest -= probability
        }
        return value
    }
}

/// A trouble of a service, in minutes since the series began.
struct Outage {
    let minutes: Range<Int>
    /// The share of requests that fail.
    let errors: Double
}

/// One of the services of the year: how much it is asked, how it fails on quiet days, and its troubles.
struct GeneratedService {
    let perHour: Double
    let background: Double
    var outages: [Outage] = []

    /// Rates from 1 to 10,000 an hour, evenly by their logarithm; background errors from a tenth of the budget up to it; a trouble each three
    /// weeks or so, of five minutes to four hours, in which 2 to 100 % fail.
    init(days: Int, budget: Double, random: inout SeededGenerator) {
        perHour = pow(10, 4 * random.unit())
        background = budget * (0.1 + 0.9 * random.unit())
        var minute = 4 * 1440
        while true {
            minute += Int(-log(1 - random.unit()) * 21 * 1440)
            let length = Int(5 * pow(48, random.unit()))
            guard minute + length + 1440 < days * 1440 else { return }
            outages.append(Outage(minutes: minute..<minute + length, errors: 0.02 * pow(50, random.unit())))
            // Each can be told from the one before it.
            minute += length + 4 * 1440
        }
    }

    func series(days: Int, random: inout SeededGenerator) -> Series {
        var errors = [Double](repeating: background, count: days * 1440)
        for outage in outages { for minute in outage.minutes { errors[minute] = outage.errors } }
        return Series(
            minutes: days * 1440, random: &random,
            rate: { minute in
                // Nights have a quarter of what noon has.
                perHour / 60 * (1 - 0.6 * cos(2 * Double.pi * Double(minute % 1440) / 1440))
            }, errors: { errors[$0] })
    }
}
