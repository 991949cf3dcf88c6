import Foundation
import Statistics
import TestSupport
import Testing

@testable import Decoding

/// gzip inflated at once, held against zlib step by step.
@Suite struct WholeGzipTests {
    /// What zlib makes of it, or `nil`.
    private func stepByStep(_ bytes: [UInt8]) -> [UInt8]? {
        var inflater = GzipInflater()
        var output: [UInt8] = []
        do throws(GzipError) {
            try inflater.begin()
            _ = try inflater.inflate(bytes.span.bytes, into: &output, outputMax: .max)
            try inflater.end()
        } catch { return nil }
        return output
    }

    private func atOnce(
        _ bytes: [UInt8], _ inflater: inout WholeGzipInflater, outputMax: Int = 64 << 20
    ) -> [UInt8]? {
        var output: [UInt8] = [1, 2, 3]
        return inflater.inflate(bytes.span.bytes, into: &output, outputMax: outputMax) ? output : nil
    }

    /// Text of few letters, so that there is something to compress, in one to four members.
    private func input(_ random: inout SeededGenerator) -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0...random.below(4) {
            let letters = 1 + random.below(40)
            let text = (0..<random.below(random.chance(0.1) ? 200_000 : 2000)).map { _ in
                UInt8(97 + random.below(letters))
            }
            input +=
                random.chance(0.3)
                ? gzipped(text) : GzipWriter(level: Int32(random.below(10))).write(text, isLast: true)
            if random.chance(0.2) { input += [UInt8](repeating: 0, count: random.below(30)) }
        }
        return input
    }

    /// As bgzip writes blocks, and `cat` puts files together: what has come out is not copied for each member that follows.
    @Test func manyMembersTakeTheTimeOfTheirBytes() throws {
        var random = SeededGenerator(seed: 3)
        let member = gzipped((0..<20_000).map { _ in UInt8(97 + random.below(4)) })
        var whole: [UInt8] = []
        for _ in 0..<2_000 { whole += member }
        var inflater = WholeGzipInflater()
        let began = threadTime()
        #expect(try #require(atOnce(whole, &inflater)).count == 40_000_000)
        // A tenth of a second, and four where it is copied each time.
        #expect(threadTime() - began < .seconds(2))
    }

    private func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test(arguments: 1...8)
    func randomInputsComeToTheSame(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var inflater = WholeGzipInflater()
        for _ in 0..<8 {
            let whole = input(&random)
            let text = try #require(stepByStep(whole), "seed \(seed)")
            #expect(atOnce(whole, &inflater) == text, "seed \(seed)")
            #expect(atOnce(whole, &inflater, outputMax: text.count) == text, "seed \(seed)")
            #expect(text.isEmpty || atOnce(whole, &inflater, outputMax: text.count - 1) == nil, "seed \(seed)")
            for _ in 0..<40 {
                var broken = whole
                switch random.below(4) {
                case 0: broken.removeLast(1 + random.below(broken.count))
                case 1: broken.append(UInt8(random.below(256)))
                case 2: broken[random.below(broken.count)] ^= 1 << UInt8(random.below(8))
                default:
                    let place = random.below(broken.count)
                    broken.insert(UInt8(random.below(256)), at: place)
                }
                #expect(atOnce(broken, &inflater) == stepByStep(broken), "seed \(seed)")
            }
        }
    }

    @Test func headerWithAChecksumThatIsWrongIsNotTaken() throws {
        var inflater = WholeGzipInflater()
        var bytes = gzipped(Array("text".utf8))
        bytes[3] = 0x02
        bytes.insert(contentsOf: [0x12, 0x34], at: 10)
        #expect(stepByStep(bytes) == nil)
        #expect(atOnce(bytes, &inflater) == nil)
    }

    @Test func roomIsMadeForWhatThereCanBeAndNotForWhatIsStated() throws {
        var inflater = WholeGzipInflater()
        var bytes = gzipped(Array("text".utf8))
        for place in bytes.count - 4..<bytes.count { bytes[place] = 0 }
        bytes[bytes.count - 1] = 3
        var output: [UInt8] = []
        #expect(!inflater.inflate(bytes.span.bytes, into: &output, outputMax: 64 << 20))
        #expect(output.capacity < 64 << 10, "the input says 48 MB")
    }

    @Test func bombIsGivenUpWithinTheBound() throws {
        var inflater = WholeGzipInflater()
        var bomb = gzipBomb(of: 258 * 40_000 + 1)
        for stated in [[], [1, 0, 0, 0]] as [[UInt8]] {
            if !stated.isEmpty { bomb.replaceSubrange(bomb.count - 4..<bomb.count, with: stated) }
            var output: [UInt8] = []
            #expect(!inflater.inflate(bomb.span.bytes, into: &output, outputMax: 1 << 20))
            #expect(output.capacity <= 2 << 20)
        }
    }

    /// What expands inside of it counts, and the fault is where it is without libdeflate.
    @Test(arguments: 1...7)
    func whatExpandsInsideIsLimitedAtTheSamePlace(parts: Int) throws {
        let line = [UInt8](repeating: 0x20, count: 300_000) + Array("\n\(flowLine)\n".utf8)
        let limits = DecodingLimits(expandedBytesMax: parts * 300_000)
        let twice = gzipped(gzipped(line + line + line))
        let reasons = try decodeAnyMessage(twice, limits: limits).map(\.reason)
        // Each of the three is counted twice, and a little besides.
        if parts < 7 {
            #expect(reasons.last == .tooLarge && reasons.dropLast().allSatisfy { $0 == nil })
        } else {
            #expect(reasons == [nil, nil, nil])
        }
        let text = Array("{\"message\":\"\(base64(gzipped(line)))\"}\n".utf8)
        _ = try decodeAnyMessage(gzipped(text + text + text), limits: limits)
        _ = try decodeStream(gzipped(text + text + text), chunk: 1 << 24, limits: limits)
    }
}
