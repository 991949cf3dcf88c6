import Foundation

/// What Prometheus' clients say of every process, read when it is asked for. Without `/proc` only the processor's time.
public enum ProcessMetrics {
    public static func samples() -> [MetricSample] {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        var samples = [MetricSample(.processCPU, seconds(usage.ru_utime) + seconds(usage.ru_stime))]
        if let pages = numbers(of: "/proc/self/statm"), pages.count > 1 {
            let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
            samples.append(MetricSample(.processVirtualMemory, pages[0] * pageBytes))
            samples.append(MetricSample(.processResidentMemory, pages[1] * pageBytes))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            samples.append(MetricSample(.processOpenFiles, Double(open)))
        }
        if let most = openFilesMax { samples.append(MetricSample(.processOpenFilesMax, most)) }
        samples.append(MetricSample(.processStart, start))
        return samples
    }

    /// How many files and connections the process may have open; nil where it can't be told.
    public static var openFilesMax: Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// To a second or two: the kernel's own answer is in ticks since it booted.
    private static let start = Date().timeIntervalSince1970

    /// Notes when the process began.
    public static func begin() { _ = start }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func numbers(of path: String) -> [Double]? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(whereSeparator: \.isWhitespace).compactMap {
            Double($0)
        }
    }
}
