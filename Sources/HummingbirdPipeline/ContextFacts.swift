#if Hummingbird
public import Hummingbird
public import NIOCore

/// The properties that a pipeline reads from a context of any type.
@usableFromInline
struct ContextFacts: Sendable {
    let template: String?
    let parameters: Parameters
    let remoteAddress: SocketAddress?
    let userID: String?
    let language: String?
    let format: String?

    @inlinable
    init(_ context: some PipelineRequestContext) {
        // Read only once, because a context returns a copy.
        let core = context.coreContext
        self.init(
            template: core.endpointPath.value,
            parameters: core.parameters,
            remoteAddress: context.remoteAddress,
            userID: context.userID,
            language: context.language,
            format: context.format
        )
    }

    @usableFromInline
    init(
        template: String?,
        parameters: Parameters,
        remoteAddress: SocketAddress?,
        userID: String?,
        language: String?,
        format: String?
    ) {
        self.template = template
        self.parameters = parameters
        self.remoteAddress = remoteAddress
        self.userID = userID
        self.language = language
        self.format = format
    }
}
#endif
