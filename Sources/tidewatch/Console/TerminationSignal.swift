import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// SIGTERM and SIGINT as something to wait for.
enum TerminationSignal {
    /// Returns when the first of them comes; a second one ends the process as usual.
    static func first() async {
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for source in sources {
            source.setEventHandler { continuation.yield() }
            source.resume()
        }
        for await _ in stream { break }
        for (source, number) in zip(sources, [SIGTERM, SIGINT]) {
            source.cancel()
            signal(number, SIG_DFL)
        }
    }
}
