import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `tidewatch-fuzz INPUTS SEED [TARGET]`: mutated inputs at everything that takes bytes from outside.
///
/// Built with AddressSanitizer, so that an access out of bounds ends the run. An input that takes longer than a second
/// counts as a hang, and more resident memory than the limit as a leak or a bomb. A failure prints the seed and the input, and
/// ends the run with a status other than 0.
@main
enum Fuzz {
    private static let secondsMax = 1.0
    /// Of the whole process, with what AddressSanitizer adds.
    private static let residentBytesMax = 512 << 20
    /// How long an input may take by the clock. What comes back is judged by its CPU time; this finds what never does, on a
    /// machine however busy.
    private static let secondsWaitedMax = 60

    static func main() {
        let arguments = CommandLine.arguments
        let inputs = arguments.count > 1 ? Int(arguments[1]) ?? 50_000 : 50_000
        let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
        let wanted = arguments.count > 3 ? arguments[3] : nil
        say("seed \(seed), \(inputs) inputs for each target")
        watchForStandstill()
        for (index, target) in FuzzTarget.all.enumerated() where wanted == nil || wanted == target.name {
            run(target, inputs: inputs, seed: seed &+ UInt64(index))
        }
    }

    private static func run(_ target: FuzzTarget, inputs: Int, seed: UInt64) {
        var mutator = Mutator(seed: seed, words: Corpus.words)
        let run = target.start()
        let start = cpuSeconds()
        var slowest = 0.0
        for number in 0..<inputs {
            let input = mutator.input(from: target.corpus)
            inputsBegun.wrappingAdd(1, ordering: .relaxed)
            let began = cpuSeconds()
            if let complaint = run(input) { fail(target, seed, number, input, complaint) }
            let took = cpuSeconds() - began
            slowest = max(slowest, took)
            if took > secondsMax { fail(target, seed, number, input, "took \(took) CPU seconds") }
            let resident = peakMemoryBytes()
            if resident > residentBytesMax { fail(target, seed, number, input, "\(resident) bytes are resident") }
        }
        let rate = Double(inputs) / max(0.001, cpuSeconds() - start)
        say(
            "\(target.name): \(inputs) inputs, none lost, \(Int(rate)) a CPU second, slowest \(Int(slowest * 1000)) ms, "
                + "at most \(peakMemoryBytes() >> 20) MB resident")
    }

    /// Relaxed: only whether it changes is of interest.
    private static let inputsBegun = Atomic(0)

    /// Ends the run from a thread beside it where one input takes for ever. The last line printed is of the target before.
    private static func watchForStandstill() {
        Task.detached {
            var (known, waited) = (0, 0)
            while true {
                try await Task.sleep(for: .seconds(1))
                let begun = inputsBegun.load(ordering: .relaxed)
                waited = begun == known ? waited + 1 : 0
                known = begun
                if waited >= secondsWaitedMax {
                    say(
                        "input \(begun - 1) of the run has not ended after \(waited) s; give the same seed to repeat it"
                    )
                    exit(1)
                }
            }
        }
    }

    private static func fail(
        _ target: FuzzTarget, _ seed: UInt64, _ number: Int, _ input: [UInt8], _ complaint: String
    ) -> Never {
        say("\(target.name): \(complaint); seed \(seed), input \(number), \(input.count) bytes:")
        say(String(reflecting: String(decoding: input.prefix(2000), as: UTF8.self)))
        exit(1)
    }

    /// Prints a line at once, also into a file: a run takes minutes, and a crash would lose what is still buffered.
    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func peakMemoryBytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int(usage.ru_maxrss) * 1024
    }
}
