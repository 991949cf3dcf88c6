import Testing
import Text

@Suite struct DecimalDigitsTests {
    @Test func everyLengthReadsBack() {
        var numbers: [Int64] = [.min, .max, 0, -1]
        var power: Int64 = 1
        for _ in 0..<19 {
            for number in [power - 1, power, power + 1, power &* 7] { numbers += [number, 0 &- number] }
            power &*= 10
        }
        for number in numbers {
            var bytes = Array("x".utf8)
            bytes.append(decimal: number)
            #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
        }
    }
}
