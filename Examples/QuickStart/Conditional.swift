import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import KeyConstructor
import ResponseCompression

/// A document with a version, as a database has it.
protocol Documents: Sendable {
    func version(of id: String) async throws -> Int?
    /// Writes the text if the version is still this one, and says whether it was.
    func write(_ text: String, to id: String, ifVersion version: Int) async throws -> Bool
}

/// Compression, entity tags of the application's own, and updates that are never lost.
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
            // On this node nobody else updates the document meanwhile. Elsewhere somebody may: UPDATE ... WHERE version = ?
            let text = String(buffer: try await request.body.collect(upTo: context.maxUploadSize))
            guard let version = exchange.evaluatedTag.flatMap({ Int($0.opaqueTag) }),
                try await documents.write(text, to: try context.parameters.require("id"), ifVersion: version)
            else { throw HTTPError(.preconditionFailed) }
            return HTTPResponse.Status.noContent
        })
}
