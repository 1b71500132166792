import HTTPPipeline
public import HTTPTypes
public import NIOCore

/// A response that an ``IdempotencyStore`` keeps for the repetitions of its request.
public struct StoredReply: Sendable, Hashable {
    /// The code of the status.
    public let status: Int
    /// The header fields.
    public let headerFields: HTTPFields
    /// The whole body.
    public let body: ByteBuffer

    /// Creates a response from its parts.
    public init(status: Int, headerFields: HTTPFields, body: ByteBuffer) {
        (self.status, self.headerFields, self.body) = (status, headerFields, body)
    }

    /// Creates a response from the texts and bytes of a database.
    ///
    /// - Parameters:
    ///   - status: The code of the status.
    ///   - fieldLines: The text of ``fieldLines``. Lines that are no field are skipped.
    ///   - body: The body.
    public init(status: Int, fieldLines: String, body: ByteBuffer) {
        var fields = HTTPFields()
        for line in fieldLines.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                let name = HTTPField.Name(String(Substring(line[..<colon])))
            else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == UInt8(ascii: " ") }
            fields.append(HTTPField(name: name, value: String(Substring(value))))
        }
        self.init(status: status, headerFields: fields, body: body)
    }

    /// Creates the stored form of a response: without Set-Cookie, whose values are for one response, without hop-by-hop fields, and
    /// without Content-Length and Date, which the server writes.
    init(_ reply: Reply, body: ByteBuffer) {
        // A buffer that is part of a larger one would keep all of its memory.
        let body = body.storageCapacity > body.readableBytes + 1024 ? ByteBuffer(bytes: body.readableBytesView) : body
        let excluded = reply.headerFields.hopByHopNames.union([.setCookie, .contentLength, .date])
        self.init(
            status: reply.status.code,
            headerFields: HTTPFields(reply.headerFields.filter { !excluded.contains($0.name) }), body: body)
    }

    /// The header fields as text, one line for each, for databases.
    public var fieldLines: String {
        headerFields.map { "\($0.name.rawName): \($0.value)\n" }.joined()
    }

    /// The number of bytes of the fields and the body.
    public var byteCount: Int {
        headerFields.reduce(body.readableBytes) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4 }
    }

    /// The response to a repetition.
    var replay: Reply {
        var fields = headerFields
        fields[.idempotentReplayed] = "true"
        return Reply(
            status: HTTPResponse.Status(code: status), headerFields: fields,
            body: body.readableBytes == 0 ? .empty : ReplyBody(body))
    }
}
