import Hummingbird
import ResponseCache
import ResponseCompression

extension KeyConstructor {
    /// A key that changes with the version of a city.
    static let city: KeyConstructor = ["view": .uniqueViewID, "version": .computed { _ in 1 }]
}

protocol Documents: Sendable {
    func version(of id: ParameterValue?) async throws -> Int?
    func text(of id: ParameterValue?) async throws -> String?
    func write(_ text: String, to id: String, ifVersion version: Int) async throws -> Bool
}

/// The code of the guides of ETag, HTTPPipeline and ResponseCompression.
func conditionalRequestGuides(
    store: some CacheStore, documents: some Documents, router: Router<BasicPipelineRequestContext>,
    listCities: @escaping Handler
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

    let stack = Pipeline {
        GzipMiddleware()
        ETagMiddleware(
            tag: { exchange in
                try await documents.version(of: exchange.pathParameters["id"]).flatMap { EntityTag("\($0)") }
            }, requiring: .updates
        ) { $0.rebuildsAfterMethodEvaluation = true }
    }
    router.put(
        "documents/{id}",
        use: stack.wrap(as: "Document") { request, context, exchange in
            let text = String(buffer: try await request.body.collect(upTo: context.maxUploadSize))
            guard let version = exchange.evaluatedTag.flatMap({ Int($0.opaqueTag) }),
                // UPDATE documents SET ... WHERE id = ? AND version = ?
                try await documents.write(text, to: try context.parameters.require("id"), ifVersion: version)
            else { throw HTTPError(.preconditionFailed) }
            return HTTPResponse.Status.noContent
        })

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
