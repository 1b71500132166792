import HTTPPipeline
import KeyConstructor

/// When the data changed last: the custom key bit of drf-extensions' walkthrough.
///
/// Any write changes it, and with it the key and the entity tag of every answer. What was cached before is never asked for
/// again and makes room in its turn, so nothing has to be invalidated one by one.
struct UpdatedAtKeyBit: KeyBit {
    let updatedAt: UpdatedAt

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(updatedAt.text)
    }
}
