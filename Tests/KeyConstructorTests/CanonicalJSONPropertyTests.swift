import Foundation
import HTTPPipeline
import KeyConstructor
import PipelineTesting
import Testing

/// Properties of every data tree, checked on trees generated from a fixed seed.
@Suite struct CanonicalJSONPropertyTests {
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static func text(_ random: inout SplitMix) -> String {
        let pieces = [
            "a", "B", "7", "\"", "\\", "\n", "\u{1}", "\u{7f}", "é", "e\u{301}", "Л", "😀", "\u{ffff}", "/", " ", "~",
        ]
        return (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    }

    static func tree(_ random: inout SplitMix, depth: Int = 3) -> KeyValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: -1000...1000, using: &random))
        case 3: return .double(Double(Int.random(in: -99...99, using: &random)) / 8)
        case 4, 5: return .string(text(&random))
        case 6: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in tree(&random, depth: depth - 1) })
        default:
            var members: [KeyValue.Member] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let name = text(&random)
                guard !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { continue }
                members.append(.init(name, tree(&random, depth: depth - 1)))
            }
            return .object(members)
        }
    }

    static func trees(_ count: Int) -> [KeyValue] {
        var random = SplitMix(state: 2026)
        return (0..<count).map { _ in tree(&random) }
    }

    @Test func `Only equal values have equal JSON`() async throws {
        var seen: [String: KeyValue] = [:]
        for tree in Self.trees(4000) {
            let json = try await CanonicalJSONTests.json(tree)
            #expect(json.utf8.allSatisfy { (0x20...0x7E).contains($0) })
            if let other = seen[json] { #expect(other == tree, "\(json)") }
            seen[json] = tree
        }
        #expect(seen.count > 2000)
    }

    @Test func `Decoded JSON equals the original value`() async throws {
        for tree in Self.trees(1500) {
            let json = try await CanonicalJSONTests.json(tree)
            let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            #expect(Self.isSame(parsed, tree), "\(json)")
        }
    }

    @Test func `Insertion order of members does not affect the JSON`() async throws {
        var random = SplitMix(state: 7)
        for tree in Self.trees(1000) {
            guard case .object(let members) = tree, members.count > 1 else { continue }
            let shuffled = KeyValue.object(members.shuffled(using: &random))
            #expect(try await CanonicalJSONTests.json(tree) == CanonicalJSONTests.json(shuffled))
        }
    }

    @Test func `Canonically equivalent spellings stay distinct`() async throws {
        // As values and as names.
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(try await CanonicalJSONTests.json(.string(composed)) != CanonicalJSONTests.json(.string(decomposed)))
        let both: KeyValue = .object([.init(composed, 1), .init(decomposed, 2)])
        #expect(try await CanonicalJSONTests.json(both) == #"{"e\u0301": 2, "\u00e9": 1}"#)
        let constructor: KeyConstructor = [composed: .user, decomposed: .format]
        #expect(constructor.names.count == 2)
    }

    private static func isSame(_ parsed: Any, _ tree: KeyValue) -> Bool {
        switch tree {
        case .null: return parsed is NSNull
        case .bool(let value): return parsed as? Bool == value
        case .integer(let value): return parsed as? Int == value
        case .largeInteger: return false
        case .double(let value): return parsed as? Double == value
        case .string(let value): return (parsed as? String).map { $0.utf8.elementsEqual(value.utf8) } ?? false
        case .array(let values):
            guard let parsed = parsed as? [Any], parsed.count == values.count else { return false }
            return zip(parsed, values).allSatisfy { isSame($0, $1) }
        case .object(let members):
            // Foundation's dictionaries treat canonically equivalent names as equal.
            guard let parsed = parsed as? [String: Any] else { return false }
            guard parsed.count == members.count else { return Set(members.map(\.name)).count < members.count }
            return members.allSatisfy { member in parsed[member.name].map { isSame($0, member.value) } ?? false }
        }
    }
}
