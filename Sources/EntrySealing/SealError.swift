#if Crypto
/// The error for an invalid seal. It has no details, because only an attacker would benefit from them.
struct SealError: Error {}
#endif
