public import HTTPTypes
package import NIOCore

/// An error response in JSON: `{"detail":"Not found."}` in the form of Django REST framework, or problem details (RFC 9457) for a
/// request that accepts `application/problem+json`.
public struct ProblemDetails: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// What is wrong, for a person.
    public var detail: String
    /// Additional fields of the response.
    public var headerFields: HTTPFields

    /// The problems of parts of the request by name, as a JSON object. In the form of Django REST framework it is the whole body.
    package var errors: ByteBuffer?

    /// Further members, which are numbers.
    package var numbers: [(name: String, value: Int)] = []

    /// Further members, which are texts.
    package var texts: [(name: String, value: String)] = []

    /// Creates the description of an error.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - detail: What is wrong, for a person.
    ///   - headerFields: Additional fields of the response.
    public init(_ status: HTTPResponse.Status, _ detail: String, headerFields: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headerFields = headerFields
    }

    /// Returns the response.
    ///
    /// - Parameter request: The request whose Accept selects the form.
    /// - Returns: The response. Its Vary names Accept.
    public func reply(to request: HTTPRequest) -> Reply {
        let isProblem = Self.isAccepted(by: request)
        var body = ByteBuffer()
        if isProblem {
            body.writeString(#"{"status":\#(status.code),"title":"#)
            body.writeJSON(status.reasonPhrase)
            body.writeStaticString(",")
            writeDetail(to: &body)
            if let errors {
                body.writeStaticString(#","errors":"#)
                body.writeImmutableBuffer(errors)
            }
            body.writeStaticString("}")
        } else if let errors {
            body = errors
        } else {
            body.writeStaticString("{")
            writeDetail(to: &body)
            body.writeStaticString("}")
        }
        var fields = headerFields
        fields[.contentType] = isProblem ? Self.mediaType : "application/json"
        fields[.vary] = "Accept"
        return Reply(status: status, headerFields: fields, body: ReplyBody(body))
    }

    /// The media type of problem details.
    package static let mediaType = "application/problem+json"

    private func writeDetail(to body: inout ByteBuffer) {
        body.writeStaticString(#""detail":"#)
        body.writeJSON(detail)
        for (name, value) in numbers {
            body.writeStaticString(",")
            body.writeJSON(name)
            body.writeString(":\(value)")
        }
        for (name, value) in texts {
            body.writeStaticString(",")
            body.writeJSON(name)
            body.writeStaticString(":")
            body.writeJSON(value)
        }
    }

    /// Whether a request names the media type of problem details with a weight above 0.
    package static func isAccepted(by request: HTTPRequest) -> Bool {
        guard let accept = request.headerFields[.accept] else { return false }
        return WeightedMember.list(in: accept).contains { $0.weight > 0 && $0.lowercasedValue == mediaType }
    }
}
