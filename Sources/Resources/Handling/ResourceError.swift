import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// The reason why a resource does not do what a request asks for, as a response in the form of Django REST framework.
struct ResourceError: Error {
    var status: HTTPResponse.Status
    /// The problems of fields or parameters; nil for a problem of the request as a whole.
    var errors: FieldErrors?
    var detail: String
    var headerFields: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ detail: String, headerFields: HTTPFields = [:]) {
        (self.status, self.detail, self.headerFields) = (status, detail, headerFields)
    }

    init(_ errors: FieldErrors) {
        (status, self.errors, detail) = (.badRequest, errors, "The request is invalid.")
    }

    init(parameter: String, _ message: String) { self.init(FieldErrors(field: parameter, message)) }

    static let notFound = ResourceError(.notFound, "Not found.")
    static let unauthorized = ResourceError(
        .unauthorized, "Authentication credentials were not provided.", headerFields: [.wwwAuthenticate: "Bearer"])
    static let forbidden = ResourceError(.forbidden, "You do not have permission to perform this action.")
    static let referenced = ResourceError(.conflict, "Other rows refer to the row.")
    static let changed = ResourceError(
        .preconditionFailed, "The row has changed since it was read, or the tag is that of another representation.")

    /// The error for a failure of the database, whose text is not for clients.
    static let databaseFailure = ResourceError(.internalServerError, "Internal server error.")

    /// The error for a database that cannot be reached or is too busy.
    static let databaseUnavailable = ResourceError(
        .serviceUnavailable, "The service is unavailable. Try again later.", headerFields: [.retryAfter: "1"])

    /// The error for a body that is too large.
    static func tooLarge(_ limit: Int) -> ResourceError {
        ResourceError(.contentTooLarge, "The body has more than \(limit) bytes.")
    }

    /// The error for a body of another media type.
    static func unsupported(_ mediaType: some StringProtocol) -> ResourceError {
        ResourceError(.unsupportedMediaType, "Unsupported media type \"\(mediaType.prefix(100))\" in request.")
    }

    /// The error for an action that the access rule refuses.
    static func refused(_ exchange: Exchange) -> ResourceError { exchange.userID == nil ? unauthorized : forbidden }

    /// The error for a row that was not written.
    init(_ error: RowError) {
        switch error.code {
        case .notFound: self = .notFound
        case .conflict: self.init(.preconditionFailed, error.message)
        case .duplicate, .reference, .invalid: self.init(FieldErrors(error))
        }
    }

    /// Returns the response.
    func reply(to exchange: Exchange) -> Reply {
        var problem = ProblemDetails(status, detail, headerFields: headerFields)
        problem.errors = errors.map { errors in
            var body = ByteBuffer()
            errors.write(to: &body)
            return body
        }
        return problem.reply(to: exchange.request)
    }
}

extension ResourceError {
    /// Returns the error as that of a resource, or nil if it is neither the client's nor one of the database.
    static func of(_ error: any Error) -> ResourceError? {
        switch error {
        case let error as ResourceError: error
        case let errors as FieldErrors: ResourceError(errors)
        case let error as FilterError: ResourceError(error.errors)
        case let error as JSONSyntaxError: ResourceError(.badRequest, "\(error)")
        case let error as BodyTooLarge:
            .tooLarge(error.limit)
        case RepositoryError.row(let error): ResourceError(error)
        case let failure as DatabaseFailure: failure.isTransient ? .databaseUnavailable : .databaseFailure
        case let error as SelectionError: ResourceError(.badRequest, "The filters are invalid: \(error)")
        case let error as FormatNegotiation.NotAcceptable: ResourceError(.notAcceptable, "\(error)")
        default: nil
        }
    }
}
