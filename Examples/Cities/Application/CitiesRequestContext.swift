import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import NIOCore

/// The context of a request, which the pipelines and their key bits read.
struct CitiesRequestContext: PipelineRequestContext, RequestContext, Sendable {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// The user's identifier; ``BearerAuthenticator`` sets it.
    var userID: String?
    /// The language of the response; ``NegotiationMiddleware`` sets it.
    var language: String?
    /// The name of the response's format; ``NegotiationMiddleware`` sets it.
    var format: String?

    /// Much larger than any body of this API.
    var maxUploadSize: Int { 64 << 10 }

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

extension CitiesRequestContext {
    /// The language of the response; the first offered one if none was negotiated.
    var activeLanguage: String { language ?? NegotiationMiddleware.languages.offered[0] }

    /// The authenticated user.
    ///
    /// - Throws: ``APIError`` when the user is anonymous.
    var requiredUserID: String {
        get throws {
            guard let userID else { throw APIError.unauthorized("a bearer token is required") }
            return userID
        }
    }

    /// The identifier of the city in the path.
    ///
    /// - Throws: ``APIError`` when the text is not an identifier in canonical form. A city has only one path: others
    ///   with leading zeros would have their own keys and tags.
    var cityID: Int64 {
        get throws {
            let text = try parameters.require("id")
            guard let id = Int64(text), "\(id)" == text else { throw APIError.noCity(text) }
            return id
        }
    }
}
