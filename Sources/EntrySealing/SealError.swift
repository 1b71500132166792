#if Crypto
/// A seal that is not valid. Which of the reasons it is helps nobody but who tries to make one.
struct SealError: Error {}
#endif
