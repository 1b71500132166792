import HTTPPipeline
public import HTTPTypes

/// The requests that must be conditional: the precondition map of drf-extensions' `api_etag`.
///
/// ```swift
/// ETagMiddleware(key: .city, requiring: [.put: [.ifMatch], .patch: [.ifMatch]])
/// ```
///
/// A request is refused before any other check if one of the fields is missing, is empty, or requires a date and has
/// none (RFC 6585 section 3).
public struct RequiredPreconditions: Sendable, Hashable {
    /// The status of a refusal.
    public struct Refusal: Sendable, Hashable {
        /// The status of the response.
        public let status: HTTPResponse.Status

        /// Responds with 428 Precondition Required.
        public static let preconditionRequired = Refusal(status: .preconditionRequired)
        /// Responds with 403 Forbidden, as in the documentation of drf-extensions.
        public static let forbidden = Refusal(status: .forbidden)
    }

    /// The fields that requests of each method must have, in the order in which they are checked.
    public var fields: [HTTPRequest.Method: [HTTPField.Name]]

    /// The status that refuses a request without these fields.
    public var refusal: Refusal

    /// Creates requirements from the fields that each method must have.
    ///
    /// - Parameters:
    ///   - fields: The fields that requests of each method must have.
    ///   - refusal: The status that refuses a request without these fields.
    public init(_ fields: [HTTPRequest.Method: [HTTPField.Name]], refusingWith refusal: Refusal = .preconditionRequired)
    {
        self.fields = fields
        self.refusal = refusal
    }

    /// Requirements that no request has to meet.
    public static let none = RequiredPreconditions([:])

    /// Requirements of If-Match for PUT, PATCH and DELETE: the default of drf-extensions' `api_etag`.
    public static let updates: RequiredPreconditions = [.put: [.ifMatch], .patch: [.ifMatch], .delete: [.ifMatch]]

    /// Returns the same requirements with another status for refusals.
    public func refusing(with refusal: Refusal) -> RequiredPreconditions {
        RequiredPreconditions(fields, refusingWith: refusal)
    }

    /// Returns whether a field has a usable value. A malformed date would be ignored, so it is not usable.
    private static func has(_ name: HTTPField.Name, _ fields: HTTPFields) -> Bool {
        guard let value = fields[name], !value.isEmpty else { return false }
        guard name == .ifUnmodifiedSince || name == .ifModifiedSince else { return true }
        return HTTPDate(value) != nil
    }

    /// Returns the response that refuses a request, or nil if the request meets the requirements.
    func reply(refusing request: HTTPRequest) -> Reply? {
        guard !fields.isEmpty, let required = fields[request.method],
            let missing = required.first(where: { !Self.has($0, request.headerFields) })
        else { return nil }
        return ProblemDetails(refusal.status, Self.detail(request.method, missing)).reply(to: request)
    }

    /// The text of the refusal of a request that lacks a field.
    package static func detail(_ method: HTTPRequest.Method, _ field: HTTPField.Name) -> String {
        #"Precondition required. This "\#(method.rawValue)" request is required to be conditional. "#
            + #"Try again using "\#(field.rawName)"."#
    }
}

extension RequiredPreconditions: ExpressibleByDictionaryLiteral {
    /// Creates the requirements from methods and their fields. Each method must occur only once.
    public init(dictionaryLiteral elements: (HTTPRequest.Method, [HTTPField.Name])...) {
        self.init(Dictionary(uniqueKeysWithValues: elements))
    }
}
