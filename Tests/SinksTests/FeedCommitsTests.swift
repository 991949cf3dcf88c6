import Testing

@testable import Sinks

/// What a sink's group is asked to take, and what its answer proves.
@Suite struct FeedCommitsTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aSinkThatHasSettledNothingYetAsksTheGroupWithItsBeginning() throws {
        for start in [FeedStart.connected, .takenOver, .resumed] {
            var commits = FeedCommits()
            let offset = FeedOffset(partition: 3, next: 7, start: start)
            commits.began(offset)
            let request = try #require(commits.next(at: 0, isInDoubt: true), "\(start)")
            #expect(request.offsets == [offset])
            guard case .confirmed = commits.taken(request) else {
                Issue.record("the group took it")
                return
            }
        }
    }

    @Test func whoHasNoPartitionIsNotConfirmed() {
        var commits = FeedCommits()
        #expect(commits.next(at: 0, isInDoubt: true) == nil)
        commits.began(FeedOffset(partition: 0, next: 0, start: .resumed))
        commits.gone(0)
        #expect(commits.next(at: 0, isInDoubt: true) == nil)
    }

    @Test func aCommitThatWasNotMadeInDoubtConfirmsNothing() throws {
        var commits = FeedCommits()
        commits.settled(0, next: 5)
        let request = try #require(commits.next(at: 0, isInDoubt: false))
        if let input = commits.taken(request) { Issue.record("\(input)") }
    }

    @Test func whatTheGroupHasIsNotCommittedAgainUnlessInDoubt() throws {
        var commits = FeedCommits()
        commits.began(FeedOffset(partition: 0, next: 5, start: .resumed))
        commits.began(FeedOffset(partition: 1, next: 5, start: .connected))
        // Where a sink was connected is known to the group before anything is settled.
        let first = try #require(commits.next(at: 0, isInDoubt: false))
        #expect(first.offsets == [FeedOffset(partition: 1, next: 5, start: .connected)])
        // What is settled while the commit is on its way is for the next one.
        commits.settled(1, next: 6)
        _ = commits.taken(first)
        let second = try #require(commits.next(at: 0, isInDoubt: false))
        #expect(second.offsets == [FeedOffset(partition: 1, next: 6, start: .resumed)])
        _ = commits.taken(second)
        #expect(commits.next(at: 0, isInDoubt: false) == nil)
        #expect(commits.next(at: 0, isInDoubt: true)?.offsets.map(\.next) == [5, 6])
    }

    @Test func oneThatFailsIsMadeAgainAfterASecondOrAtOnceBeforeItsPartitionsLeave() throws {
        var commits = FeedCommits()
        commits.settled(0, next: 1)
        _ = try #require(commits.next(at: 0, isInDoubt: false))
        commits.failed(at: 0)
        #expect(commits.failures == 1 && commits.next(at: Self.second - 1, isInDoubt: true) == nil)
        _ = try #require(commits.next(at: Self.second, isInDoubt: false))
        commits.failed(at: Self.second)
        commits.hurry()
        let request = try #require(commits.next(at: Self.second, isInDoubt: false))
        _ = commits.taken(request)
        #expect(commits.failures == 0)
    }
}
