import NIOCore
import PipelineTesting
import Repositories
import Testing

@testable import BulkOperations

@Suite struct JSONItemSplitterTests {
    typealias Form = JSONItemSplitter.Form

    /// Returns what the pieces of a document have, or the error.
    private func outcome(
        _ form: Form, _ inputs: [ByteBuffer], items: Int = 2, bytes: Int = 1000, maximum: Int = 100
    ) -> (pieces: [JSONPiece], error: String?) {
        var splitter = JSONItemSplitter(
            form, pieceItemCount: items, pieceByteCount: bytes, maximumItemByteCount: maximum)
        var pieces: [JSONPiece] = []
        do {
            for input in inputs { pieces += try splitter.read(input) }
            pieces += try splitter.finish()
            return (pieces, nil)
        } catch {
            #expect(throws: error) { try splitter.read(ByteBuffer(string: "[]")) }
            #expect(throws: error) { try splitter.finish() }
            return (pieces, "\(error)")
        }
    }

    private func texts(_ form: Form, _ text: String, items: Int = 2, bytes: Int = 1000) -> [String] {
        let outcome = outcome(form, [ByteBuffer(string: text)], items: items, bytes: bytes)
        #expect(outcome.error == nil)
        return outcome.pieces.map { "\($0.firstIndex) \($0.firstLine) \($0.itemCount) \(String(buffer: $0.bytes))" }
    }

    @Test(arguments: [
        (Form.array, "[]", []),
        (.array, " [ \n ] \n", []),
        (
            .array, #"[{"a": 1}, [2] ,"x]",-1.5e3,null]"#,
            [#"0 1 2 [{"a": 1},[2]]"#, #"2 1 2 ["x]",-1.5e3]"#, "4 1 1 [null]"]
        ),
        (.array, "\u{FEFF}[1,\n\n2,\n3]", ["0 1 2 [1,2]", "2 4 1 [3]"]),
        (.array, "\n{\"a\":\n[1]} ", ["0 2 1 [{\"a\":\n[1]}]"]),
        (.array, #"["\"],[\\",{"}":"\\\""}]"#, [#"0 1 2 ["\"],[\\",{"}":"\\\""}]"#]),
        (.lines, "", []),
        (.lines, "\n\r\n \n", []),
        (.lines, "\u{FEFF}{\"a\":1}\r\n\r\n[2] \n3", ["0 1 2 [{\"a\":1},[2]]", "2 4 1 [3]"]),
        (.lines, "null\n\n\"a\\n\"\n", ["0 1 2 [null,\"a\\n\"]"]),
    ])
    func `Documents are split into arrays of items`(form: Form, text: String, pieces: [String]) {
        #expect(texts(form, text) == pieces)
    }

    @Test func `Pieces end before their limit of bytes`() {
        #expect(
            texts(.array, "[1,22,333,4444,55555555555,6]", items: 10, bytes: 6)
                == ["0 1 2 [1,22]", "2 1 1 [333]", "3 1 1 [4444]", "4 1 1 [55555555555]", "5 1 1 [6]"])
    }

    @Test(arguments: [
        (Form.array, "", "Unexpected end (line 1, byte 0)"),
        (.array, "\n5", "Expecting an array or an object (line 2, byte 1)"),
        (.array, "[1,\n", "Unexpected end (line 2, byte 4)"),
        (.array, "[1\n 2]", "Expecting ',' delimiter (line 2, byte 4)"),
        (.array, "[1,]", "Expecting value (line 1, byte 3)"),
        (.array, "[,1]", "Expecting value (line 1, byte 1)"),
        (.array, "[{]}]", "Expecting ',' delimiter (line 1, byte 2)"),
        (.array, "[]\n]", "Extra data (line 2, byte 3)"),
        (.array, "{} {}", "Extra data (line 1, byte 3)"),
        (.array, "\u{EF}", "Expecting an array or an object (line 1, byte 0)"),
        (.array, #"["a"#, "Unexpected end (line 1, byte 3)"),
        (.lines, "1 2", "Extra data (line 1, byte 2)"),
        (.lines, "1\n{\n}", "The item does not end on its line (line 2, byte 3)"),
        (.lines, "\"a\\\n\"", "The item does not end on its line (line 1, byte 3)"),
        (.lines, "[1]\n[2", "Unexpected end (line 2, byte 6)"),
    ])
    func `Errors name the line and the byte`(form: Form, text: String, message: String) {
        let input = ByteBuffer(string: text)
        #expect(outcome(form, [input]).error == "JSON parse error - \(message)")
        let bytes = input.readableBytesView.map { ByteBuffer(bytes: [$0]) }
        #expect(outcome(form, bytes).error == "JSON parse error - \(message)")
    }

    @Test func `Items above the limits are refused`() throws {
        let long = "[1,\n\"\(String(repeating: "a", count: 99))\"]"
        let message = "JSON parse error - The item has more than 100 bytes (line 2, byte 4)"
        #expect(outcome(.array, [ByteBuffer(string: long)]).error == message)
        #expect(
            outcome(.array, ByteBuffer(string: long).readableBytesView.map { ByteBuffer(bytes: [$0]) }).error == message
        )
        let open = ByteBuffer(string: "[\"" + String(repeating: "a", count: 200))
        #expect(outcome(.array, [open]).error?.contains("more than 100 bytes") == true)

        let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        let pieces = outcome(.array, [ByteBuffer(string: allowed)], maximum: 1000).pieces
        #expect(pieces.map { String(buffer: $0.bytes) } == [allowed])
        let deep = ByteBuffer(string: String(repeating: "[", count: 10_000))
        #expect(
            outcome(.array, [deep]).error
                == "JSON parse error - The nesting is deeper than 64 levels (line 1, byte 64)")
    }

    @Test(arguments: [Form.array, .lines], 1...50)
    func `The pieces do not depend on the division of the input`(form: Form, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let items = (0..<Int.random(in: 0...20, using: &random)).map { _ in randomItem(depth: 0, using: &random) }
        let blanks = form == .array ? ["", " ", "\n", "\r\n"] : ["", " ", "\t"]
        func padded(_ text: String) -> String {
            blanks.randomElement(using: &random)! + text + blanks.randomElement(using: &random)!
        }
        var document = items.map(padded).joined(separator: form == .array ? "," : "\n")
        if form == .array { document = padded("[\(document)]") }
        let bytes = ByteBuffer(string: document)
        let whole = outcome(form, [bytes], items: 3, bytes: 40, maximum: 1000)
        #expect(whole.error == nil)
        #expect(whole.pieces.reduce(0) { $0 + $1.itemCount } == items.count)
        let joined = whole.pieces.map { String(String(buffer: $0.bytes).dropFirst().dropLast()) }
        #expect(joined.joined(separator: ",") == items.joined(separator: ","))
        for _ in 0..<10 {
            let cut = outcome(form, bytes.randomParts(using: &random), items: 3, bytes: 40, maximum: 1000)
            #expect(cut.pieces == whole.pieces)
            #expect(cut.error == nil)
        }
    }

    private func randomItem(depth: Int, using random: inout SeededGenerator) -> String {
        switch Int.random(in: 0...(depth > 3 ? 2 : 4), using: &random) {
        case 0: return ["1", "-2.5e3", "true", "null"].randomElement(using: &random)!
        case 1: return #""é\"\\[]{},""#
        case 2: return ["\"\"", "[]", "{}"].randomElement(using: &random)!
        case 3:
            return "[" + (0...2).map { _ in randomItem(depth: depth + 1, using: &random) }.joined(separator: ",") + "]"
        default: return #"{"a": \#(randomItem(depth: depth + 1, using: &random)), "}": 0}"#
        }
    }
}

extension ByteBuffer {
    /// Returns consecutive parts of random lengths.
    func randomParts(upTo maximum: Int = 9, using random: inout SeededGenerator) -> [ByteBuffer] {
        var (rest, parts) = (self, [ByteBuffer]())
        while rest.readableBytes > 0 {
            let length = min(rest.readableBytes, Int.random(in: 0...maximum, using: &random))
            parts.append(rest.readSlice(length: length)!)
        }
        return parts
    }
}
