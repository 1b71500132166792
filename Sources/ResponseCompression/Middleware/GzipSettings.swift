/// The settings of a ``GzipMiddleware``.
public struct GzipSettings: Sendable {
    /// The compression level, from 1 (fastest) to 9 (smallest result). 6 by default.
    public var level = 6

    /// The minimum size of a body that is compressed, in bytes. 200 by default.
    public var minimumSize = 200

    /// The media types that are compressed.
    public var types: CompressibleTypes = .standard

    /// The difference between the tags of compressed and uncompressed responses.
    public var tags: VariantTag = .semicolon

    /// The maximum number of padding bytes. Each response gets a random number of them, against attacks that measure the
    /// size of responses (BREACH). 0, the default, adds no padding. Tags of padded responses are weak. In a stream, the
    /// first piece is padded.
    public var padding = 0

    /// Creates the default settings.
    public init() {}

    /// The default settings.
    public static let standard = GzipSettings()
}
