import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct UploadDecoderTests {
    private struct Upload: Equatable {
        var content = ""
        var format: UploadFormat?
        var fileName: String?
        var fields: [String: String] = [:]
        var lateFields: Set<String> = []
    }

    private func request(
        _ type: String?, _ method: HTTPRequest.Method = .post, fields: HTTPFields = [:]
    ) -> HTTPRequest {
        var request = HTTPRequest(method: method, scheme: "https", authority: "a", path: "/", headerFields: fields)
        request.headerFields[.contentType] = type
        return request
    }

    private func upload(
        _ request: HTTPRequest, _ inputs: [ByteBuffer], limits: UploadDecoder.Limits = .init()
    ) throws(BulkRefusal) -> Upload {
        var decoder = try UploadDecoder(request, limits: limits)
        var content = ByteBuffer()
        for input in inputs {
            for bytes in try decoder.read(input) { content.writeImmutableBuffer(bytes) }
        }
        try decoder.finish()
        return Upload(
            content: String(buffer: content), format: decoder.format, fileName: decoder.fileName,
            fields: decoder.formFields, lateFields: decoder.lateFormFields)
    }

    private func refusal(
        _ request: HTTPRequest, _ text: String = "", limits: UploadDecoder.Limits = .init()
    ) -> ProblemDetails? {
        do {
            _ = try upload(request, [ByteBuffer(string: text)], limits: limits)
            return nil
        } catch {
            return error.details
        }
    }

    private func form(_ parts: (disposition: String, type: String?, content: String)...) -> String {
        parts.map { part in
            let type = part.type.map { "Content-Type: \($0)\r\n" } ?? ""
            return "--abc\r\nContent-Disposition: form-data; \(part.disposition)\r\n\(type)\r\n\(part.content)\r\n"
        }.joined() + "--abc--\r\n"
    }

    private let formType = "multipart/form-data; boundary=\"abc\""

    @Test(
        arguments: [
            ("application/json", UploadFormat.json), ("Application/JSON; charset=UTF-8", .json), (nil, .json),
            ("application/jsonl", .jsonLines), ("application/x-ndjson", .jsonLines),
            ("application/x-jsonlines", .jsonLines),
            ("application/jsonlines", .jsonLines), ("text/csv", .csv),
            ("text/csv; charset=\"utf-8\"; header=present", .csv),
        ] as [(String?, UploadFormat)])
    func `The Content-Type selects the format`(type: String?, format: UploadFormat) throws {
        let whole = try upload(request(type), [ByteBuffer(string: "a"), ByteBuffer(), ByteBuffer(string: "b")])
        #expect(whole == Upload(content: "ab", format: format))
        let packed = request(type, fields: [.contentEncoding: "GZIP"])
        #expect(try upload(packed, [gzipped("ab")]) == whole)
    }

    @Test(arguments: [
        ("application/xml", HTTPRequest.Method.post, "Accept-Post"), ("text/plain", .patch, "Accept-Patch"),
        ("application/x-www-form-urlencoded", .put, "Accept"), ("", .post, "Accept-Post"),
        ("text/csv; charset=iso-8859-1", .post, "Accept-Post"), ("text/csv; charset", .post, "Accept-Post"),
    ])
    func `Other types are refused with those that are supported`(
        type: String, method: HTTPRequest.Method, field: String
    ) throws {
        let details = try #require(refusal(request(type, method)))
        #expect(details.status == .unsupportedMediaType)
        #expect(
            details.detail.hasPrefix(type.contains("8859") ? "Invalid file encoding." : "Unsupported content type. "))
        #expect(
            details.headerFields[HTTPField.Name(field)!]
                == "application/json, application/jsonl, application/x-ndjson, application/x-jsonlines, application/jsonlines, text/csv, multipart/form-data"
        )
    }

    @Test(arguments: ["br", "gzip, gzip", "deflate"])
    func `Other content codings are refused`(coding: String) throws {
        let details = try #require(refusal(request("text/csv", fields: [.contentEncoding: coding])))
        #expect(details.status == .unsupportedMediaType)
        #expect(details.headerFields[.acceptEncoding] == "gzip")
    }

    @Test(
        arguments: [
            ("filename=\"a.csv\"", nil, UploadFormat.csv, "a.csv"),
            ("filename=\"A.CSV\"", "application/vnd.ms-excel", .csv, "A.CSV"),
            ("filename=a.json", "application/octet-stream", .json, "a.json"),
            ("filename=a.jsonl", nil, .jsonLines, "a.jsonl"),
            ("filename=a.b.ndjson", nil, .jsonLines, "a.b.ndjson"),
            ("filename=a.txt", "text/csv; charset=utf-8", .csv, "a.txt"),
            ("", "application/json", .json, nil),
        ] as [(String, String?, UploadFormat, String?)])
    func `A form has the file and fields around it`(
        name: String, type: String?, format: UploadFormat, fileName: String?
    ) throws {
        let body = ByteBuffer(
            string: form(
                ("name=unique_fields", nil, "a,b"), ("name=file; \(name)", type, "x\r\ny"), ("name=\"ä\"", nil, "")))
        let expected = Upload(
            content: "x\r\ny", format: format, fileName: fileName, fields: ["unique_fields": "a,b"], lateFields: ["ä"])
        #expect(try upload(request(formType), [body]) == expected)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<10 { #expect(try upload(request(formType), body.randomParts(using: &random)) == expected) }
        let packed = gzipped(String(buffer: body)).randomParts(using: &random)
        #expect(try upload(request(formType, fields: [.contentEncoding: "x-gzip"]), packed) == expected)
    }

    @Test func `Forms without a valid file are refused`() {
        let noFile = "No file provided. Expected 'file' in form data"
        let csv = ("name=file; filename=a.csv", nil as String?, "a")
        for (body, detail) in [
            (form(), noFile), (form(("name=a", nil, "1")), noFile), (form(("name=file", nil, "a")), noFile),
            (form(("name=file; filename=\"\"", "application/octet-stream", "")), noFile),
            (form(("name=other; filename=a.csv", nil, "a")), noFile),
            (form(("name=file; filename=a.xlsx", nil, "a")), "Invalid file type. Expected CSV file"),
            (form(("name=file; filename=csv", nil, "a")), "Invalid file type. Expected CSV file"),
            (form(("name=file; filename=a.csv", "text/csv; charset=latin1", "a")), UploadDecoder.encodingDetail),
            (form(csv, csv), "The form has more than one file"),
            (form(("name=a", nil, "1"), ("name=a", nil, "2"), csv), "The form has a field twice: a"),
            (
                form(("name=\(String(repeating: "a", count: 101))", nil, "1"), csv),
                "The name of a form field has more than 100"
            ),
            ("--abc\r\n\r\n", "Multipart parse error - The part has no valid"),
            ("--abc\r\n", "Multipart parse error - The body ends before its last boundary (byte 7)"),
        ] {
            let details = refusal(request(formType), body)
            #expect(details?.status == .badRequest)
            #expect(details?.detail.hasPrefix(detail) == true, "\(details?.detail ?? "-")")
        }
        #expect(
            refusal(request("multipart/form-data"))?.detail
                == "Multipart parse error - The Content-Type has no boundary")
        #expect(refusal(request("multipart/form-data; boundary=\"ä\""))?.status == .badRequest)
    }

    @Test func `Limits are responses with their number and unit`() throws {
        var limits = UploadDecoder.Limits()
        (limits.sentByteCount, limits.formFieldByteCount, limits.formFieldCount) = (1000, 20, 2)
        let field = ("name=a", nil as String?, "1")
        for (request, body, number, unit) in [
            (request("text/csv"), String(repeating: "a", count: 1001), 1000, "bytes"),
            (request("text/csv", fields: [.contentLength: "1001"]), "", 1000, "bytes"),
            (request(formType), form(("name=a", nil, String(repeating: "1", count: 21))), 20, "bytes"),
            (request(formType), form(field, ("name=b", nil, "1"), ("name=c", nil, "1")), 2, "form fields"),
        ] {
            let details = try #require(refusal(request, body, limits: limits))
            #expect(details.status == .contentTooLarge)
            #expect(details.numbers.map(\.value) == [number])
            #expect(details.texts.map(\.value) == [unit])
        }
        limits.sentByteCount = 1 << 20
        let header = form(("name=\(String(repeating: "a", count: 20_000))", nil, "1"))
        #expect(refusal(request(formType), header, limits: limits)?.numbers.map(\.value) == [16 << 10])
        #expect(throws: Never.self) { try upload(request("text/csv"), [ByteBuffer(string: "a")], limits: limits) }
    }

    @Test func `A decompressed body above its limit is refused`() async throws {
        var limits = UploadDecoder.Limits()
        limits.unpackedByteCount = 100_000
        var decoder = try UploadDecoder(request("text/csv", fields: [.contentEncoding: "gzip"]), limits: limits)
        try decoder.append(gzipped(String(repeating: "a", count: 1_000_000)))
        #expect(try decoder.next()?.readableBytes == GzipDecoder.outputByteCount)
        var details: ProblemDetails?
        do { _ = try decoder.next() } catch { details = error.details }
        let reply = try #require(details).reply(to: request(nil))
        #expect(reply.status == .contentTooLarge)
        #expect(
            try await reply.body.collect(upTo: 1000).buffer
                == ByteBuffer(
                    string: #"{"detail":"The unpacked data has more than 100000 bytes.","limit":100000,"unit":"bytes"}"#
                ))
        var isRefused = false
        do { try decoder.finish() } catch { isRefused = true }
        #expect(isRefused)
        let damaged = request("text/csv", fields: [.contentEncoding: "gzip"])
        #expect(refusal(damaged, "name\n")?.detail == "The gzip data is damaged.")
        #expect(refusal(damaged)?.detail == "The gzip data ends too early.")
    }
}
