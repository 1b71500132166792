#if Hummingbird
public import HTTPPipeline
public import Hummingbird

/// The properties that a pipeline reads from a context of any type.
@usableFromInline
struct ContextFacts: Sendable {
    let template: String?
    let parameters: Parameters
    let client: Exchange.Client

    @inlinable
    init(_ context: some PipelineRequestContext) {
        // Read only once, because a context returns a copy.
        let core = context.coreContext
        self.init(
            template: core.endpointPath.value,
            parameters: core.parameters,
            client: Exchange.Client(
                remoteAddress: context.remoteAddress, userID: context.userID, language: context.language,
                format: context.format)
        )
    }

    @usableFromInline
    init(template: String?, parameters: Parameters, client: Exchange.Client) {
        self.template = template
        self.parameters = parameters
        self.client = client
    }
}
#endif
