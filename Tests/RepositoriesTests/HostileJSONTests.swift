import Foundation
import NIOCore
import Repositories
import Testing

/// Random damage to bodies: reading them ends with rows, problems of fields or a syntax error.
@Suite struct HostileJSONTests {
    private static let bodies = [
        #"[{"name":"a\u00e9\ud83d\ude00","country":"AD","population":12,"area":-1.5e-3,"is_active":true,"x":{"y":[1,null]}}]"#,
        #"[{"country":"é😀","name":"\"\\\/\b\f\n\r\t","area":null,"is_active":false},{},[],"",0,-0.0e+10]"#,
    ]
    private static let pieces =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "\\udc00", "0", "-", ".", "e", "E+", "null",
            "true", " ",
            "\u{0}", "\u{1F600}", "99999999999999999999", "1e999", "NaN", "/*", "name",
        ].map { Array($0.utf8) } + [[0x80], [0xC3], [0xF4, 0x90], [0xFF]]

    @Test(arguments: 0..<8)
    func `Damaged bodies never crash and agree with Foundation`(seed: UInt64) {
        var random = Random(state: seed)
        let reader = RowJSONReader(Places.all)
        for _ in 0..<2000 {
            var bytes = Array(Self.bodies[Int(random.next() % 2)].utf8)
            for _ in 0..<(1 + random.next() % 3) {
                let start = Int(random.next() % UInt64(bytes.count + 1))
                let end = min(bytes.count, start + Int(random.next() % 4))
                bytes.replaceSubrange(start..<end, with: Self.pieces.randomElement(using: &random) ?? [])
            }
            let isRead: Bool
            do {
                _ = try reader.readArray(ByteBuffer(bytes: bytes))
                isRead = true
            } catch is FieldErrors {
                isRead = true
            } catch {
                isRead = false
            }
            // Foundation refuses numbers that no Double has and unpaired surrogates, which the grammar allows, and accepts
            // a trailing comma in an object.
            let text = String(decoding: bytes, as: UTF8.self)
            if ["\\ud", "\\uD", "9999", "1e999", ",}", ", }"].contains(where: text.contains) { continue }
            let isValid = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            #expect(isRead == isValid, "\(text)")
        }
    }

    @Test func `Errors do not grow with repetitions`() {
        let reader = RowJSONReader(Places.all)
        let members = Array(repeating: #""name":"a","area":"x","nmae":1"#, count: 1000).joined(separator: ",")
        let errors = #expect(throws: FieldErrors.self) { try reader.readObject(ByteBuffer(string: "{\(members)}")) }
        #expect(errors?["name"] == ["This field occurs twice."])
        #expect(errors?["area"] == ["A valid number is required.", "This field occurs twice."])
        #expect((errors?.description.utf8.count ?? 0) < 300)
    }

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
