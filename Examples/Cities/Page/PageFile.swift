import HTTPPipeline
import HTTPTypes
import NIOCore

/// A file of a page, which comes with the application, with the fields of its responses.
struct PageFile: Sendable {
    let content: ByteBuffer
    let fields: HTTPFields

    /// Reads a file.
    ///
    /// - Parameter name: The name of the file with its extension.
    /// - Throws: The error of a missing or unreadable file.
    init(_ name: String) throws {
        let parts = name.split(separator: ".").map(String.init)
        content = ByteBuffer(bytes: try DataFile.contents(of: parts[0], parts[1]))
        let types = ["html": "text/html", "js": "text/javascript", "css": "text/css"]
        fields = [
            .contentType: "\(types[parts[1]] ?? "text/plain"); charset=utf-8", .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff",
        ]
    }

    /// The response with the file.
    var reply: Reply { Reply(status: .ok, headerFields: fields, body: ReplyBody(content)) }
}
