#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird

extension Reply {
    /// Creates a reply from a handler's response, or from the rendering of the error that the handler throws.
    init<Context: RequestContext>(
        to exchange: Exchange,
        body: Hummingbird.RequestBody,
        isDetached: Bool,
        context: Context,
        from handler: @concurrent (Request, Context) async throws -> Response
    ) async throws {
        let request = exchange.handlerRequest(original: body, isDetached: isDetached)
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

extension Reply {
    /// Returns the response for Hummingbird.
    ///
    /// - Returns: The response.
    /// - Throws: The error whose rendering this reply is, an `HTTPError` with the reply's status and header fields. Errors of other
    ///   types are thrown unchanged, because only they can render themselves and middleware outside of the pipeline may catch them.
    func response() throws -> Response {
        switch thrownError {
        case nil: return rendering
        case is StoredError: throw ReplayedError(reply: self)
        case var error as HTTPError:
            var fields = headerFields
            // The rendering of a message adds its own.
            for name in [HTTPField.Name.contentType, .contentLength] where error.body != nil {
                fields[values: name] = error.headers[values: name]
            }
            error.headers = fields
            error.status = status
            throw error
        case let error?: throw error
        }
    }

    /// The reply as a response, also if it is the rendering of an error.
    var rendering: Response {
        let responseBody = body.responseBody
        var fields = headerFields
        // Hummingbird does the same at several times the cost.
        if !body.hasLengthField, let length = responseBody.contentLength, !fields.contains(.contentLength) {
            fields.append(HTTPField(name: .contentLength, value: String(length)))
        }
        var response = Response(status: status, headers: fields, body: responseBody)
        // Hummingbird adds a length to every response; a 304 or 204 has no body to which the length would apply.
        if status.code == 304 || status.code == 204 { response.headers[.contentLength] = nil }
        return response
    }
}

/// The replayed form of an error that was thrown, rendered and stored.
private struct ReplayedError: HTTPResponseError {
    let reply: Reply

    var status: HTTPResponse.Status { reply.status }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        reply.rendering
    }
}
#endif
