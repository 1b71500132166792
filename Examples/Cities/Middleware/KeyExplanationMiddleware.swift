import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Returns the key of a GET instead of its response when the request has `X-Explain-Key: true`.
///
/// The body is the JSON whose digest is the key.
struct KeyExplanationMiddleware: Middleware {
    let key: KeyConstructor

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard exchange.request.method == .get, exchange.request.headerFields[.explainKey] == "true" else {
            return try await next(exchange)
        }
        let explanation = try await key.explanation(for: exchange)
        return Reply(
            status: .ok,
            headerFields: [
                .contentType: "application/json",
                .cacheControl: "no-store",
                .cacheKey: CacheKey(digestOf: explanation).description,
            ],
            body: ReplyBody(ByteBuffer(string: explanation))
        )
    }
}

extension HTTPField.Name {
    fileprivate static let explainKey = HTTPField.Name("X-Explain-Key")!
    fileprivate static let cacheKey = HTTPField.Name("X-Cache-Key")!
}
