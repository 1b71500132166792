import NIOCore
import ResponseCache
import ResponseCompression

extension KeyConstructor {
    /// A key that changes with the version of a city.
    static let city: KeyConstructor = ["view": .uniqueViewID, "version": .computed { _ in 1 }]
}

protocol Documents: Sendable {
    func version(of id: ParameterValue?) async throws -> Int?
    func text(of id: ParameterValue?) async throws -> String?
}

/// The code of the guides of ETag, HTTPPipeline and ResponseCompression.
func conditionalRequestGuides(
    store: some CacheStore, documents: some Documents, listCities: @escaping Handler
) {
    _ = Pipeline {
        ETagMiddleware(key: .city, requiring: .updates) { $0.rebuildsAfterMethodEvaluation = true }
        ETagMiddleware(tag: { exchange in
            try await documents.version(of: exchange.pathParameters["id"]).flatMap { EntityTag("\($0)") }
        })
        ETagMiddleware()

        ETagMiddleware(
            reading: { exchange in
                guard let text = try await documents.text(of: exchange.pathParameters["id"]) else {
                    return Reply(status: .notFound)
                }
                return Reply(status: .ok, body: ReplyBody(ByteBuffer(string: text)))
            }, requiring: .updates)
    }

    cities(store: store, listCities: listCities)
}

private func cities(store: some CacheStore, listCities: @escaping Handler) {
    let stack = Pipeline {
        ETagMiddleware(key: .city)
        CacheResponseMiddleware(.minutes(15), key: .city, in: store)
    }
    let cached = stack.wrap { exchange in try await listCities(exchange) }
    _ = cached

    _ =
        Pipeline {
            GzipMiddleware()
            ETagMiddleware(key: .city)
            CacheResponseMiddleware(.minutes(15), key: .city, in: store)
        }
}
