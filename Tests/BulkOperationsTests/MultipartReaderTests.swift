import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct MultipartReaderTests {
    /// Returns one line for each part and the content of each part, or the error.
    private func outcome(
        _ inputs: [ByteBuffer], boundary: String = "abc", limits: MultipartReader.Limits = .init()
    ) -> (lines: [String], error: String?) {
        var lines: [String] = []
        do {
            var reader = try MultipartReader(boundary: boundary, limits: limits)
            for input in inputs {
                for event in try reader.read(input) {
                    switch event {
                    case .part(let name, let fileName, let type):
                        lines.append("\(name) | \(fileName ?? "-") | \(type ?? "-")")
                        lines.append("")
                    case .bytes(let bytes):
                        #expect(bytes.readableBytes > 0)
                        lines[lines.count - 1] += String(buffer: bytes)
                    case .end: lines.append("end")
                    }
                }
            }
            try reader.finish()
            return (lines, nil)
        } catch {
            return (lines, "\(error)")
        }
    }

    private func part(_ disposition: String, _ content: String, fields: String = "") -> String {
        "--abc\r\nContent-Disposition: \(disposition)\r\n\(fields)\r\n\(content)\r\n"
    }

    @Test(arguments: 1...40)
    func `Parts do not depend on the division of the input`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let contents = [
            "", "a", "\r\n", "\r\n--ab", "\r\r\n--ab\r\n--", "--abc", "\r\n-\r\n--a\r\n\r", "--abc--\r\n--a",
        ]
        var (text, expected) = (["", "preamble\r\n", "\r\n"].randomElement(using: &random)!, [String]())
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let content = (0..<3).map { _ in contents.randomElement(using: &random)! }.joined()
            text += part("form-data; name=\"f\(index)\"; filename=a.csv", content, fields: "content-type: text/csv\r\n")
            expected += ["f\(index) | a.csv | text/csv", content, "end"]
        }
        // A content may have the delimiter only if a part joins two others.
        guard !expected.contains(where: { $0.contains("\r\n--abc") }) else { return }
        text += "--abc--\r\nepilogue"
        let bytes = ByteBuffer(string: text)
        #expect(outcome([bytes]).lines == expected)
        for _ in 0..<10 {
            let cut = outcome(bytes.randomParts(using: &random))
            #expect(cut.lines == expected)
            #expect(cut.error == nil)
        }
    }

    @Test(arguments: [
        (#"form-data; name="file"; filename="a b.csv""#, "file | a b.csv"),
        ("FORM-DATA;name=file;filename=x.json", "file | x.json"),
        (
            #"form-data; name="a%22b%0D%0Ac%41"; filename="\"q\" C:\x\\y; z.csv""#,
            "a\"b\r\nc%41 | \"q\" C:\\x\\y; z.csv"
        ),
        (#"form-data; name="ä"; filename=""; filename*=UTF-8''no.csv"#, "ä | "),
        ("form-data; name=\"file\"; filename*=UTF-8''no.csv", "file | -"),
        ("form-data; name=\"../../etc\"; filename=\"../a.csv\"", "../../etc | ../a.csv"),
    ])
    func `Names are quoted strings or tokens`(disposition: String, names: String) {
        let body = part(disposition, "x") + "--abc--"
        #expect(outcome([ByteBuffer(string: body)]).lines == ["\(names) | -", "x", "end"])
    }

    @Test(arguments: [
        "", "attachment; name=a", "form-data", "form-data; name", "form-data; name=\"a", "form-data; name=a; name=b",
        "form-data; name=\"a\"b", "form-data; name=", "form-data; name=\u{0}",
        "form-data; name=a\r\n folded: 1\r\nno colon",
        "form-data; name=a\r\nContent-Disposition: form-data; name=b", "form-data; name=a\nx: y",
    ])
    func `Parts without a valid name are refused`(disposition: String) {
        let error = outcome([ByteBuffer(string: part(disposition, "x"))]).error
        #expect(error?.contains("The part has no valid Content-Disposition: form-data with a name") == true)
    }

    @Test(arguments: [
        "", "--abc", "--abc\r\n", "--abc\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "x--abc--", "--abc-",
        "--abc\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--ab",
    ])
    func `A truncated body is an error`(body: String) {
        #expect(
            outcome([ByteBuffer(string: body)]).error
                == "Multipart parse error - The body ends before its last boundary (byte \(body.utf8.count))")
    }

    @Test func `Bytes after a boundary are refused, except blanks`() {
        #expect(
            outcome([ByteBuffer(string: "--abcd\r\n")]).error
                == "Multipart parse error - Unexpected bytes after a boundary (byte 5)")
        let padded = "--abc \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--abc--"
        #expect(outcome([ByteBuffer(string: padded)]).lines == ["a | - | -", "x", "end"])
    }

    @Test(arguments: ["", " ", "a ", "a\"b", "ä", "a\r\nb", String(repeating: "a", count: 71)])
    func `Boundaries that RFC 2046 does not allow are refused`(boundary: String) {
        #expect(throws: MultipartError.self) { try MultipartReader(boundary: boundary) }
    }

    @Test func `Limits are enforced`() throws {
        var limits = MultipartReader.Limits()
        limits.partCount = 2
        let small = part("form-data; name=a", "x")
        #expect(
            outcome([ByteBuffer(string: small + small + small)], limits: limits).error?.contains("More than 2 parts")
                == true)
        let name = String(repeating: "n", count: 16 << 10)
        #expect(
            outcome([ByteBuffer(string: part("form-data; name=\(name)", ""))]).error?
                .contains("more than 16384 bytes of header fields") == true)
        #expect(
            outcome([ByteBuffer(string: "--abc" + String(repeating: " ", count: 20_000))]).error?
                .contains("more than 16384 bytes of header fields") == true)
        let preamble = ByteBuffer(string: String(repeating: "\r\n--ab", count: 11_000))
        let message = "Multipart parse error - More than 65536 bytes before the first part (byte 65536)"
        #expect(outcome([preamble]).error == message)
        var random = SeededGenerator(seed: 1)
        #expect(outcome(preamble.randomParts(upTo: 100, using: &random)).error == message)
    }

    @Test(arguments: ["\r\n--", "\r", "\r\n--ab", "--abc", "\r\n\r\n--a"])
    func `Hostile content stays one event for each buffer`(piece: String) throws {
        var reader = try MultipartReader(boundary: "abc")
        _ = try reader.read(ByteBuffer(string: "--abc\r\nContent-Disposition: form-data; name=a\r\n\r\nx"))
        let content = ByteBuffer(string: String(repeating: piece, count: 100_000))
        for _ in 0..<3 { #expect(try reader.read(content).count <= 2) }
    }
}
