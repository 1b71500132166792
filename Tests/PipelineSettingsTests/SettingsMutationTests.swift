import Foundation
import Testing

@testable import PipelineSettings

/// Settings files with random damage.
@Suite struct SettingsMutationTests {
    static let json = #"""
        {
          "other": {"list": [1, -2.5e3, true, false, null, "\u00e9\ud83d\ude00\n", {}], "name": "é😀"},
          "responseCache": {
            "memoizesKeys": true, "buildID": "a\u0062",
            "cache": {
              "lifetime": 900, "statusLifetimes": { "404": 10, "410": "forever" }, "sharing": "perUser",
              "unstoredFields": ["Server", "X-Trace"], "waitLimit": "none", "earlyRefresh": 1.5
            },
            "keys": {"objectCache": "default"}
          }
        }
        """#

    /// Fragments with a meaning for the scanner.
    static let pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "/", "//", "/*", "*/", "\n", "\r\n", "\t", "0", "00", "-", "1e",
            "e999", ".",
            "\\u", "\\ud800", "\\udc00", "null", "'", "\u{FEFF}", "\u{0}", "é", #""cache": {"#, #""lifetime": 1"#,
        ].map { Array($0.utf8) } + [[0xFF], [0xE2, 0x82], [0xF0]]

    static func mutated(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...6, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random)!, at: start)
            case 2: bytes.replaceSubrange(start..<end, with: pieces.randomElement(using: &random)!)
            case 3: bytes.removeSubrange(start...)
            default:
                let other = Int.random(in: 0...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[start..<end], at: other)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<20)
    func `Damaged files parse like in Foundation or are errors`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        for _ in 0..<500 {
            let bytes = Self.mutated(Array(Self.json.utf8), &random)
            let text = String(decoding: bytes, as: UTF8.self)
            let document = JSONDocument(bytes)
            let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
            for problem in document.problems {
                #expect(1...lineCount ~= problem.position.line && problem.position.column >= 1, "\(text)")
            }
            #expect(document.problems.count <= JSONScanner.problemLimit + 1)
            _ = SettingsSection(document, file: "f", prefix: ["responseCache"], context: LoadingContext())
            // Foundation accepts more: trailing commas, invalid numbers, duplicates. What it rejects is not JSON.
            if document.problems.isEmpty {
                let isRead = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
                // Foundation rejects some valid JSON: numbers out of range and unpaired surrogates.
                let isOdd = text.contains("e999") || text.contains("\\ud") || text.contains("\u{FEFF}")
                #expect(isRead || isOdd, "\(text)")
            }
        }
    }

    @Test func `A rewritten file has the same settings`() throws {
        let settings = try Settings.load(json: Self.json)
        let object = try JSONSerialization.jsonObject(with: Data(Self.json.utf8))
        let again = try JSONSerialization.data(withJSONObject: object)
        let other = try Settings.load(json: String(decoding: again, as: UTF8.self))
        for row in SettingRow.all {
            #expect(SettingText.text(of: row.member, in: settings) == SettingText.text(of: row.member, in: other))
        }
        #expect(settings.buildID == "ab")
    }

    @Test func `Every truncated file is an error without a crash`() throws {
        let bytes = Array(Self.json.utf8)
        for count in 0..<bytes.count {
            #expect(!JSONDocument(Array(bytes.prefix(count))).problems.isEmpty)
            _ = JSONDocument(Array(bytes.suffix(count)))
        }
        #expect(JSONDocument(bytes).problems.isEmpty)
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
