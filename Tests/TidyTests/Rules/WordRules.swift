/// No test sleeps in the hope that something has happened by then.
enum SleepRule {
    /// Where time passes: asking again with a deadline, and letting time pass because the time is what is tested.
    static let homes: [String: String] = [
        "Tests/TestSupport/Waiting.swift":
            "`eventually` asks again what announces nothing, `letPass` is the time under test",
        "Tests/Fuzzing/Fuzz.swift":
            "a watch looks each second whether the run goes on; its memory is measured, so no Foundation",
    ]

    static func findings(in files: [SourceFile], homes: Set<String>) -> [Finding] {
        files.filter { !homes.contains($0.path) }.flatMap { file in
            file.tokens.indices.compactMap { place in
                guard let word = pause(at: place, in: file.tokens) else { return nil }
                return Finding(
                    rule: .sleep, file: file.path, line: file.tokens[place].line, subject: word,
                    advice: "'\(word)': await an event; what announces nothing is asked again by `eventually`.")
            }
        }
    }

    /// The call that begins at `place`, if it is one that sleeps.
    private static func pause(at place: Int, in tokens: [Token]) -> String? {
        guard place + 1 < tokens.count, tokens[place].kind == .word, tokens[place + 1].isSymbol("(") else { return nil }
        let name = tokens[place].text
        if ["sleep", "usleep", "nanosleep", "clock_nanosleep"].contains(name) { return name }
        let waitsForNothing =
            name == "poll" && place + 2 < tokens.count && tokens[place + 2].isWord("nil")
            || name == "select" && place + 3 < tokens.count && tokens[place + 2].text == "0"
                && tokens[place + 3].isSymbol(",")
        return waitsForNothing ? name : nil
    }
}

/// One lock: `Mutex` of Synchronization.
enum LockRule {
    /// Where another one has a reason.
    static let homes: [String: String] = [
        "Guarded.swift":
            "ThreadSanitizer does not see a contended Mutex, and librdkafka's callbacks are tested under it",
        "C11Threads.swift": "C's own names of these functions, so that ThreadSanitizer sees librdkafka's locks",
        "MonotonicCondition.swift": "threads wait for an event, a message, a ring: Mutex has no condition",
        "WindowRestoration.swift": "the reader waits for the threads that it divides its work among",
        "EventsServer.swift": "a test waits for a request: Mutex has no condition",
        "Harness.swift": "a test waits for an event: Mutex has no condition",
    ]

    private static let locks: Set = [
        "NSLock", "NSCondition", "NSConditionLock", "NSRecursiveLock", "DispatchSemaphore", "OSAllocatedUnfairLock",
        "os_unfair_lock", "pthread_mutex_t", "pthread_rwlock_t", "pthread_spinlock_t", "sem_t",
    ]

    static func findings(in files: [SourceFile], homes: Set<String>) -> [Finding] {
        let used = files.flatMap { file in
            file.tokens.filter { $0.kind == .word && locks.contains($0.text) }.map { (file, $0) }
        }
        let findings = used.filter { !homes.contains($0.0.name) }.map { file, token in
            Finding(
                rule: .lock, file: file.path, line: token.line, subject: token.text,
                advice:
                    "'\(token.text)': use Synchronization's Mutex; where a thread has to wait, a reason in LockRule.")
        }
        return findings + unneeded(homes, used: Set(used.map(\.0.name)), in: .lock, "LockRule")
    }
}

/// One seeded generator of random numbers.
enum GeneratorRule {
    /// The multipliers of SplitMix64, xorshift* and Knuth's and PCG's congruential generators. The golden ratio by itself is a
    /// hash's, too.
    private static let constants: Set = [
        "0xbf58476d1ce4e5b9", "0x94d049bb133111eb", "2685821657736338717", "0x2545f4914f6cdd1d", "6364136223846793005",
        "0x5851f42d4c957f2d",
    ]

    static func findings(in files: [SourceFile], home: String) -> [Finding] {
        files.filter { $0.path != home }.flatMap { file -> [Finding] in
            var found: [Finding] = []
            for token in file.tokens where token.kind == .number {
                let digits = token.text.filter { $0 != "_" }.lowercased()
                guard constants.contains(digits), found.isEmpty else { continue }
                found.append(
                    Finding(
                        rule: .generator, file: file.path, line: token.line, subject: "SeededGenerator",
                        advice: "a seeded generator besides that of \(home): use that."))
            }
            return found
        }
    }
}

/// An entry of a rule's list that nothing needs any more is a finding, too.
func unneeded(_ listed: Set<String>, used: Set<String>, in rule: Rule, _ list: String) -> [Finding] {
    listed.subtracting(used).sorted().map {
        Finding(
            rule: rule, file: "Tests/TidyTests/Rules", line: 1, subject: $0,
            advice: "\(list) lists '\($0)', which nothing needs: delete its line.")
    }
}
