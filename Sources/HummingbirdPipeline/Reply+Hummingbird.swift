#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird

extension Reply {
    /// The reply of a handler, or the rendering of the error it threw.
    init<Context: RequestContext>(
        to request: Request,
        context: Context,
        from handler: @concurrent (Request, Context) async throws -> Response
    ) async throws {
        do {
            self.init(try await handler(request, context))
        } catch let error as any HTTPResponseError {
            self.init(try error.response(from: request, context: context))
            thrownError = error
        }
    }

    init(_ response: Response) {
        self.init(
            status: response.status,
            headerFields: response.headers,
            body: ReplyBody(.stream(HummingbirdBody(body: response.body)))
        )
    }
}

extension Response {
    /// The response of a reply.
    ///
    /// - Throws: The error whose rendering the reply is.
    init(_ reply: Reply) throws {
        switch reply.thrownError {
        case nil: self.init(rendering: reply)
        case is StoredError: throw ReplayedError(reply: reply)
        case let error?: throw error
        }
    }

    fileprivate init(rendering reply: Reply) {
        var fields = reply.headerFields
        // Hummingbird does the same, at several times the price.
        if let length = reply.body.contentLength, !fields.contains(.contentLength) {
            fields.append(HTTPField(name: .contentLength, value: String(length)))
        }
        self.init(status: reply.status, headers: fields, body: ResponseBody(reply.body))
        // Hummingbird gives every response a length; these have no body that it could be the length of.
        if status == .notModified || status == .noContent { headers[.contentLength] = nil }
    }
}

/// Stands for an error that was thrown, rendered and stored.
private struct ReplayedError: HTTPResponseError {
    let reply: Reply

    var status: HTTPResponse.Status { reply.status }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(rendering: reply)
    }
}
#endif
