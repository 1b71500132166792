import Hummingbird
import ResponseCache
import ResponseCompression

/// A database of documents with versions.
protocol Documents: Sendable {
    func version(of id: String) async throws -> Int?
    /// Writes the text if the version is still the given one; returns whether it was.
    func write(_ text: String, to id: String, ifVersion version: Int) async throws -> Bool
}

/// Compression, entity tags from versions, and updates that are not lost.
func conditionalRequests(_ documents: some Documents, router: Router<BasicPipelineRequestContext>) {
    let stack = Pipeline {
        GzipMiddleware()
        ETagMiddleware(
            tag: { exchange in
                guard case .string(let id)? = exchange.pathParameters["id"] else { return nil }
                return try await documents.version(of: id).flatMap { EntityTag("\($0)") }
            }, requiring: .updates
        ) { $0.rebuildsAfterMethodEvaluation = true }
    }
    router.put(
        "documents/{id}",
        use: stack.wrap(as: "Document") { request, context, exchange in
            // Other updates on this node wait. One on another node may precede this one: UPDATE ... WHERE version = ?
            let text = String(buffer: try await request.body.collect(upTo: context.maxUploadSize))
            guard let version = exchange.evaluatedTag.flatMap({ Int($0.opaqueTag) }),
                try await documents.write(text, to: try context.parameters.require("id"), ifVersion: version)
            else { throw HTTPError(.preconditionFailed) }
            return HTTPResponse.Status.noContent
        })
}
