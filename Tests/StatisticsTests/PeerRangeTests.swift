import Testing

@testable import Statistics

/// What is usual in other series.
@Suite struct PeerRangeTests {
    private static let parameters = EWMA.Parameters(alpha: 0.2, threshold: 5, warmup: 10)!
    private static let detector = Detector.ewma(parameters)

    private static func states(_ means: [Double], variance: Double = 1) throws -> [Detector.State] {
        try means.map { .ewma(try #require(EWMA(count: 20, mean: $0, variance: variance))) }
    }

    @Test func tenAreEnoughAndNineAreNot() throws {
        let ten = try Self.states((0..<10).map { 50 + Double($0) })
        #expect(PeerRange(Array(ten.dropLast()), Self.detector) == nil)
        let peers = try #require(PeerRange(ten, Self.detector))
        #expect(peers.count == 10)
        // The means' variance is 55/6, and each has 1 of its own.
        let judgement = peers.judge(54.5, Self.detector)
        #expect(judgement.expected == 54.5 && judgement.score == 0 && judgement.isWarm)
        let limit = 5 * (55.0 / 6 + 1).squareRoot()
        #expect(abs(judgement.high - (54.5 + limit)) < 1e-9 && abs(judgement.low - (54.5 - limit)) < 1e-9)
        #expect(!peers.judge(54.5 + limit - 0.01, Self.detector).isFlagged)
        #expect(peers.judge(54.5 + limit + 0.01, Self.detector).isFlagged)
        #expect(peers.judge(54.5 - limit - 0.01, Self.detector).isFlagged)
    }

    /// One large series among many small ones: a new one may be as large, and not larger.
    @Test func whatIsUsualInOneOfThemIsUsual() throws {
        let states = try Self.states([Double](repeating: 10, count: 400) + [5000], variance: 4)
        let peers = try #require(PeerRange(states, Self.detector))
        // 1 % of the mean is the least deviation, and five of them are usual.
        let judgement = peers.judge(5200, Self.detector)
        #expect(judgement.high == 5250 && !judgement.isFlagged)
        #expect(peers.judge(5250, Self.detector).score < 0.5)
        #expect(peers.judge(5251, Self.detector).isFlagged)
    }

    @Test(arguments: [5, 6, 7] as [UInt64]) func theOrderOfTheOthersDoesNotMatter(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var states = try (0..<200).map { _ -> Detector.State in
            let mean = (random.unit() - 0.3) * [1e-6, 1, 1e9][Int(random.next() % 3)]
            return .ewma(try #require(EWMA(count: 11, mean: mean, variance: random.unit() * 1e6)))
        }
        let wanted = try #require(PeerRange(states, Self.detector)).judge(3.5, Self.detector)
        for _ in 0..<20 {
            for place in states.indices { states.swapAt(place, Int(random.next() % UInt64(states.count))) }
            #expect(PeerRange(states, Self.detector)?.judge(3.5, Self.detector) == wanted)
        }
    }

    /// What was accepted is what a series is known by, also where it takes more values before the first is judged.
    @Test func anAcceptedChangeIsNotJudgedByTheOthers() throws {
        let terms = DetectedSeries.Terms(Self.detector, acceptAfter: 3)
        let peers = try #require(PeerRange(try Self.states([Double](repeating: 2, count: 10)), Self.detector))
        var series = DetectedSeries(terms)
        for number in 1...3 {
            let (judgement, accepted) = series.observe(90, terms, peers: peers)
            #expect(judgement.isFlagged && (accepted != nil) == (number == 3))
        }
        for _ in 0..<20 { #expect(!series.observe(90, terms, peers: peers).judgement.isFlagged) }
        #expect(series.observe(2, terms, peers: peers).judgement.isFlagged, "its own values say what is usual in it")
    }

    @Test func sumsPastAllNumbersSayNothing() throws {
        #expect(PeerRange(try Self.states([Double](repeating: 1e300, count: 20)), Self.detector) == nil)
    }
}
