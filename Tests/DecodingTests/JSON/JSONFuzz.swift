import Foundation
import Statistics

/// JSON objects that hold a bit of everything, and damage to them.
enum JSONFuzz {
    static let seeds: [String] = [
        #"{"a":1}"#,
        #"{"eventTime":"2026-11-20T10:00:00Z","userIdentity":{"type":"Root","n":null},"t":[true,false,null,-0,1.5e+10]}"#,
        #"{ "k" : [ ] , "o" : { } , "s" : "" , "u" : "\u00e9\ud83d\ude00\\\"\/\b\f\n\r\t" , "x" : [[{"y":[{}]}],0.0] }"#,
        "{\"é\":\"ü – 😀\",\"long\":\"" + String(repeating: "0123456789", count: 14) + "\",\"n\":[1,22,333,-4444,5e5]}",
        "{\n  \"pretty\": {\n    \"a\": [\n      1,\n      2\n    ],\n    \"b\": \"c\\\\\"\n  }\n}",
        #"{"a":"\\\\\\\\","b":"\\\"","c\\":"\\\\\"","d":{"e\u0041":[[],[[]],{"f":-1E-2}]}}"#,
    ]
    static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "-", "1e", ".", "true", "nul", " ", "\n", "\t",
        "\u{1}", "é", "{}", "[]", "\"\":", "01", "\"a\":1,", "\\x", "\r",
    ].map { Array($0.utf8) }

    static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(seeds.randomElement(using: &generator)!.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(contentsOf: tokens.randomElement(using: &generator)!, at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 3 where place < bytes.count:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &generator))
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            default:
                let spaces = [UInt8](repeating: 0x20, count: Int.random(in: 0...70, using: &generator))
                bytes.insert(contentsOf: spaces, at: place)
            }
            if bytes.isEmpty { bytes = [0x7B] }
        }
        return bytes
    }

    static func isValidByFoundation(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])) != nil
    }
}
