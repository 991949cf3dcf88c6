import Records
import Testing

@testable import Accounting
@testable import Counting

extension PartitionFlush {
    /// A flush to some shards that adds nothing.
    static func made(
        _ partition: Int32 = 0, _ from: Int64, _ to: Int64, epoch: Int32 = 1, gap: SourceGapCause? = nil,
        sentThrough: UInt64 = 0, released: UInt64? = nil
    ) -> PartitionFlush {
        let begin = SourcePoint(offset: from)
        return PartitionFlush(
            source: SourcePartition(topic: "t", partition: partition), epoch: OwnerEpoch(generation: epoch),
            range: .init(from: begin, to: SourcePoint(offset: to)), gap: gap, progress: SourceProgress(),
            chainEnds: [begin, begin], amounts: [ChangelogAmounts(), ChangelogAmounts()],
            statistics: PipelineStatistics(), sentThrough: sentThrough,
            released: released.map { ReleaseToken(number: $0) })
    }
}

/// In which order flushes become updates and commits, and what happens when one is refused.
@Suite struct PublisherDriverTests {
    /// What effects are, in short.
    private func kinds(_ effects: [PublisherEffect]) -> [String] {
        func text(_ tokens: [ReleaseToken]) -> String { tokens.map { " release \($0.number)" }.joined() }
        return effects.map { effect in
            switch effect {
            case .awaitRecords(let sequence): "records \(sequence)"
            case .send(let flush): "send \(flush.source.partition) \(flush.range.from)-\(flush.range.to)"
            case .awaitUpdates: "updates"
            case .commit(let commits, let tokens):
                "commit " + commits.map { "\($0.source.partition)@\($0.offset)" }.joined(separator: " ") + text(tokens)
            case .release(let tokens): "now" + text(tokens)
            case .published(let flushes, let duration): "published \(flushes.count) \(duration.components.seconds)"
            }
        }
    }

    private func acknowledged(_ ends: [Int64] = [0, 0], at seconds: Int = 0) -> PublisherInput {
        .acknowledged(logEnds: ends, at: .seconds(seconds))
    }

    private func commits(_ effects: [PublisherEffect]) -> [SourceCommit] {
        effects.flatMap { effect -> [SourceCommit] in
            if case .commit(let commits, _) = effect { commits } else { [] }
        }
    }

    @Test func recordsThenUpdatesThenTheCommitEachAfterTheLastIsAcknowledged() {
        var driver = PublisherDriver()
        let flushes: [PartitionFlush] = [.made(0, 0, 10, sentThrough: 7), .made(1, 5, 5, sentThrough: 9)]
        #expect(kinds(driver.step(.flushes(flushes, at: .seconds(1)))) == ["records 9"])
        #expect(kinds(driver.step(acknowledged(at: 2))) == ["send 0 0-10", "send 1 5-5", "updates"])
        #expect(kinds(driver.step(acknowledged(at: 4))) == ["commit 0@10 1@5", "published 2 3"])
        #expect(kinds(driver.step(.flushes([.made(0, 10, 11)], at: .seconds(5)))) == ["records 0"])
    }

    @Test func noFlushesAreNoWork() {
        var driver = PublisherDriver()
        #expect(driver.step(.flushes([], at: .zero)).isEmpty)
        #expect(kinds(driver.step(.flushes([.made(0, 0, 1)], at: .zero))) == ["records 0"])
    }

    /// A successor that reads a log from the hint's place has to find all that the chain there does not have.
    @Test func theHintLiesBeforeTheFirstUpdateAndTheOffsetBehindTheLast() throws {
        var driver = PublisherDriver()
        _ = driver.step(.flushes([.made(0, 0, 10), .made(0, 10, 30)], at: .zero))
        _ = driver.step(acknowledged([100, 200]))
        let commit = try #require(commits(driver.step(acknowledged([102, 202]))).first)
        #expect(commit.offset == 30)
        #expect(commit.epoch == OwnerEpoch(generation: 1))
        let chain = SourcePoint(offset: 0)
        #expect(
            commit.hint
                == OwnerHint(
                    epoch: OwnerEpoch(generation: 1),
                    places: [.init(offset: 100, through: chain), .init(offset: 200, through: chain)]))
    }

    /// Which of them may be made is for the one who commits to say.
    @Test func eachEpochOfAPartitionHasItsCommit() {
        var driver = PublisherDriver()
        let flushes: [PartitionFlush] = [
            .made(0, 0, 10), .made(0, 3, 7, epoch: 2), .made(0, 10, 12), .made(0, 7, 9, epoch: 2),
        ]
        _ = driver.step(.flushes(flushes, at: .zero))
        _ = driver.step(acknowledged())
        let found = commits(driver.step(acknowledged()))
        #expect(found.map(\.epoch.generation) == [1, 2])
        #expect(found.map(\.offset) == [12, 9])
        #expect(found.map { $0.hint.places[0].through?.offset } == [0, 3])
    }

    @Test func aFlushOverAGapEndsItsGroup() {
        var driver = PublisherDriver()
        let flushes: [PartitionFlush] = [
            .made(0, 0, 10, sentThrough: 1), .made(0, 10, 50, gap: .expired, sentThrough: 2),
            .made(1, 0, 4, gap: .recreated, sentThrough: 3), .made(0, 50, 60, sentThrough: 4),
        ]
        #expect(kinds(driver.step(.flushes(flushes, at: .zero))) == ["records 2"])
        #expect(kinds(driver.step(acknowledged())) == ["send 0 0-10", "send 0 10-50", "updates"])
        #expect(kinds(driver.step(acknowledged(at: 2))) == ["commit 0@50", "published 2 2", "records 3"])
        #expect(kinds(driver.step(acknowledged())) == ["send 1 0-4", "updates"])
        #expect(kinds(driver.step(acknowledged(at: 3))) == ["commit 1@4", "published 1 1", "records 4"])
        #expect(kinds(driver.step(acknowledged())) == ["send 0 50-60", "updates"])
        #expect(kinds(driver.step(acknowledged(at: 3))) == ["commit 0@60", "published 1 0"])
    }

    @Test func aPartitionIsGivenBackBehindItsCommit() {
        var driver = PublisherDriver()
        _ = driver.step(.flushes([.made(0, 0, 10, released: 1), .made(1, 0, 2)], at: .zero))
        #expect(kinds(driver.step(acknowledged())) == ["send 0 0-10", "send 1 0-2", "updates"])
        #expect(kinds(driver.step(acknowledged())) == ["commit 0@10 1@2 release 1", "published 2 0"])
    }

    @Test(arguments: [false, true]) func afterARefusalEverythingIsLetGo(hasSent: Bool) {
        var driver = PublisherDriver()
        let flushes: [PartitionFlush] = [
            .made(0, 0, 10, gap: .expired, released: 1), .made(1, 0, 2, released: 2), .made(2, 0, 2),
        ]
        _ = driver.step(.flushes(flushes, at: .zero))
        if hasSent { _ = driver.step(acknowledged()) }
        #expect(kinds(driver.step(.unacknowledged)) == ["now release 1 release 2"])
        // What still comes is read again by the next owner.
        #expect(driver.step(.flushes([.made(2, 2, 3)], at: .zero)).isEmpty)
        #expect(kinds(driver.step(.flushes([.made(2, 3, 4, released: 3)], at: .zero))) == ["now release 3"])
    }

    // MARK: Committing

    private func commit(_ partition: Int32, _ offset: Int64, epoch: Int64) -> SourceCommit {
        let epoch = OwnerEpoch(rawValue: epoch)
        return SourceCommit(
            source: SourcePartition(topic: "t", partition: partition), epoch: epoch, offset: offset,
            hint: OwnerHint(epoch: epoch, places: []))
    }

    @Test func ofWhatWaitedTheNewestOfEachPartitionIsCommitted() {
        let merged = CommitOrder(merging: [
            CommitOrder(commits: [commit(1, 10, epoch: 4), commit(0, 5, epoch: 4)]),
            CommitOrder(commits: [], released: [ReleaseToken(number: 1)]),
            CommitOrder(commits: [commit(1, 20, epoch: 4), commit(0, 0, epoch: 6)]),
            CommitOrder(commits: [commit(0, 7, epoch: 4)], released: [ReleaseToken(number: 2)]),
        ])
        #expect(merged.commits.map(\.offset) == [0, 20])
        #expect(merged.commits.map(\.epoch.rawValue) == [6, 4])
        #expect(merged.released.map(\.number) == [1, 2])
        #expect(CommitOrder(merging: []) == CommitOrder(commits: []))
    }

    @Test func onlyWhatIsOwnedUnderItsEpochMayBeCommitted() {
        let (first, second) = (commit(0, 5, epoch: 4), commit(1, 5, epoch: 4))
        var owned = OwnedEpochs()
        #expect(owned.allowed([first, second]).isEmpty)
        owned.open([first.source: first.epoch, second.source: second.epoch])
        #expect(owned.allowed([first, second]) == [first, second])
        owned.close([second.source])
        #expect(owned.allowed([first, second]) == [first])
        // The partition comes back: a commit of the time before stays out.
        owned.open([second.source: OwnerEpoch(rawValue: 6)])
        #expect(owned.allowed([second]).isEmpty)
        #expect(owned.allowed([commit(1, 5, epoch: 6)]).count == 1)
    }
}
