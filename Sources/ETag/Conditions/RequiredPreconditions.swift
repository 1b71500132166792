import HTTPPipeline
public import HTTPTypes
import NIOCore

/// Which requests have to be conditional: the precondition map of drf-extensions' `api_etag`.
///
/// ```swift
/// ETagMiddleware(key: .city, requiring: [.put: [.ifMatch], .patch: [.ifMatch]])
/// ```
///
/// A request that lacks one of the fields, has it empty, or has no date in it where it needs one, is refused before anything else is looked at (RFC 6585 section 3).
public struct RequiredPreconditions: Sendable, Hashable {
    /// How a request is refused.
    public enum Refusal: Int, Sendable, Hashable {
        /// 428 Precondition Required.
        case preconditionRequired = 428
        /// 403 Forbidden, which the documents of drf-extensions show.
        case forbidden = 403
    }

    /// The fields that a method's requests must have, in the order in which they are asked for.
    public var fields: [HTTPRequest.Method: [HTTPField.Name]]

    /// How a request without them is refused.
    public var refusal: Refusal

    /// Creates the requirements.
    ///
    /// - Parameters:
    ///   - fields: The fields that a method's requests must have.
    ///   - refusal: How a request without them is refused.
    public init(_ fields: [HTTPRequest.Method: [HTTPField.Name]], refusingWith refusal: Refusal = .preconditionRequired)
    {
        self.fields = fields
        self.refusal = refusal
    }

    /// Nothing is required.
    public static let none = RequiredPreconditions([:])

    /// If-Match is required of PUT, PATCH and DELETE: the default of drf-extensions' `api_etag`.
    public static let updates: RequiredPreconditions = [.put: [.ifMatch], .patch: [.ifMatch], .delete: [.ifMatch]]

    /// The same requirements, refused in another way.
    public func refusing(with refusal: Refusal) -> RequiredPreconditions {
        RequiredPreconditions(fields, refusingWith: refusal)
    }

    /// Whether a field says something. A date that is malformed does not: it would be ignored.
    private static func has(_ name: HTTPField.Name, _ fields: HTTPFields) -> Bool {
        guard let value = fields[name], !value.isEmpty else { return false }
        guard name == .ifUnmodifiedSince || name == .ifModifiedSince else { return true }
        return HTTPDate(value) != nil
    }

    /// The refusal of a request, or nil when it has what is required.
    func reply(refusing request: HTTPRequest) -> Reply? {
        guard !fields.isEmpty, let required = fields[request.method],
            let missing = required.first(where: { !Self.has($0, request.headerFields) })
        else { return nil }
        // Methods and names of fields are tokens, which need no escaping in JSON.
        let detail =
            #"Precondition required. This \"\#(request.method.rawValue)\" request is required to be conditional. "#
            + #"Try again using \"\#(missing.rawName)\"."#
        return Reply(
            status: HTTPResponse.Status(code: refusal.rawValue),
            headerFields: [.contentType: "application/json"],
            body: ReplyBody(ByteBuffer(string: #"{"detail":"\#(detail)"}"#))
        )
    }
}

extension RequiredPreconditions: ExpressibleByDictionaryLiteral {
    /// Creates the requirements from methods and their fields. A method must not stand twice.
    public init(dictionaryLiteral elements: (HTTPRequest.Method, [HTTPField.Name])...) {
        self.init(Dictionary(uniqueKeysWithValues: elements))
    }
}
