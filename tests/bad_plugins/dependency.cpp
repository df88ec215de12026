// A shared library that is no plugin of anybody.
extern "C" __attribute__((visibility("default"))) int dependency_number();
extern "C" int dependency_number() { return 7; }
