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

    var peakMemoryBytes: Int { Int(read().ru_maxrss) * 1024 }

    private func read() -> rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }
}
