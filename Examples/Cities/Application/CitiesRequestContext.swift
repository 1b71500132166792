import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import NIOCore

/// What is known of a request besides the request itself. The pipelines read it, and key bits through them.
struct CitiesRequestContext: PipelineRequestContext, RequestContext, Sendable {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// The user's identifier; ``BearerAuthenticator`` sets it.
    var userID: String?
    /// The language of the answer; ``NegotiationMiddleware`` sets it.
    var language: String?
    /// The name of the answer's format; ``NegotiationMiddleware`` sets it.
    var format: String?

    /// No request of this API has a body near this size.
    var maxUploadSize: Int { 64 << 10 }

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

extension CitiesRequestContext {
    /// The language of the answer; the first that is offered where none was negotiated.
    var activeLanguage: String { language ?? NegotiationMiddleware.languages.offered[0] }

    /// The authenticated user.
    ///
    /// - Throws: ``APIError`` when the user is anonymous.
    var requiredUserID: String {
        get throws {
            guard let userID else { throw APIError.unauthorized("this needs a bearer token") }
            return userID
        }
    }

    /// The city that the path names.
    ///
    /// - Throws: ``APIError`` when the text is no identifier as this API writes them. A city has one path and not another
    ///   with leading zeros, which would have keys and tags of its own.
    var cityID: Int64 {
        get throws {
            let text = try parameters.require("id")
            guard let id = Int64(text), "\(id)" == text else { throw APIError.noCity(text) }
            return id
        }
    }
}
