import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Time and memory since it was made.
struct ResourceUsage {
    private let start = ContinuousClock.now

    var wallSeconds: Double { start.duration(to: .now).asSeconds }

    /// Of the whole process, user and system.
    var cpuSeconds: Double {
        let usage = read()
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The largest resident set of this program, in bytes.
    ///
    /// Linux keeps `ru_maxrss` over `exec`, and a child that was spawned begins with the peak of its parent. So a small
    /// program that a large one started would report the large one's memory. The kernel's high-water mark of the address
    /// space begins anew with the program; only where `/proc` is missing does the other have to do.
    var peakMemoryBytes: Int { residentHighWaterBytes() ?? Int(read().ru_maxrss) * 1024 }

    /// `VmHWM` of proc_pid_status(5).
    private func residentHighWaterBytes() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    private func read() -> rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }
}
