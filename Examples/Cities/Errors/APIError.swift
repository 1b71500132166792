import HTTPTypes
import Hummingbird

/// An error response, which is always JSON.
struct APIError: HTTPResponseError {
    /// The content of the body.
    enum Content: Sendable {
        /// `{"detail": "..."}`
        case detail(String)
        /// `{"population": ["..."]}`: the errors of each field or parameter.
        case fields([String: [String]])
    }

    let status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    let content: Content

    /// An error of the whole request.
    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.headers = headers
        self.content = .detail(detail)
    }

    /// Errors of fields or parameters, by their names.
    init(fields: [String: [String]]) {
        self.status = .badRequest
        self.content = .fields(fields)
    }

    /// Authentication is required for the given reason.
    static func unauthorized(_ detail: String) -> APIError {
        APIError(.unauthorized, detail, headers: [.wwwAuthenticate: "Bearer"])
    }

    /// The resource has changed since the state that the request names.
    static let changedMeanwhile = APIError(
        .preconditionFailed, "the resource does not match the condition of the request"
    )

    /// No city has this identifier, which is the text of a path segment.
    static func noCity(_ id: String) -> APIError {
        APIError(.notFound, "no city has the id '\(id)'")
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        switch content {
        case .detail(let detail): try Response(json: ["detail": detail], status: status, headers: headers)
        case .fields(let fields): try Response(json: fields, status: status, headers: headers)
        }
    }
}
