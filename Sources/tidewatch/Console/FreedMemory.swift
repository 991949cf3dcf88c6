#if canImport(Glibc)
    import CMalloc
#endif

/// What a command does with memory that it has freed, for those that make and free large arrays until they end.
enum FreedMemory {
    /// Arrays above `mappedMin` are given back to the system at once; of what is smaller, what lies free at the end of the heap up to
    /// `keptMax` is kept. The C library keeps 128 kB, more once it has seen larger arrays come and go, and a page that is given back costs
    /// a fault when it is needed again.
    static func keep() {
        #if canImport(Glibc)
            mallopt(M_MMAP_THRESHOLD, mappedMin)
            mallopt(M_TRIM_THRESHOLD, keptMax)
        #endif
    }

    /// The most that the C library takes.
    private static let mappedMin: Int32 = 32 << 20
    private static let keptMax: Int32 = 256 << 20
}
