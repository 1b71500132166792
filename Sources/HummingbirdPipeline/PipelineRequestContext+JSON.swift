#if Hummingbird
public import Hummingbird

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension PipelineRequestContext where Encoder == JSONEncoder {
    /// An encoder whose objects have sorted members, and dates in ISO 8601.
    ///
    /// Equal values have equal bytes, and therefore equal entity tags. Without sorting, the order of members on Linux differs
    /// from one encoding to the next.
    public var responseEncoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
#endif
