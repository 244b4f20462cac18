/* Forced into the model's sources by a profiling build: each step reports to the test driver. */
#ifndef EDGEC_PROFILE_H
#define EDGEC_PROFILE_H

void edgec_profile_step(unsigned int index);
#define EDGEC_STEP(index) edgec_profile_step(index)

#endif
